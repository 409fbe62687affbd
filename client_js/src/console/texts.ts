/** Every word the console says, in one place, ready for translation. Functions take what varies. */
import { conversationTexts } from "./texts/conversation";
import { peopleTexts } from "./texts/people";
import { routingTexts } from "./texts/routing";
import { hoursTexts, presenceTexts } from "./texts/times";
import { visitorTexts } from "./texts/visitor";

export const texts = {
  product: "Frontdesk",
  none: "None",
  loading: "Loading",
  tryAgain: "Try again",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  saved: "Saved.",
  undo: "Undo",
  back: "Back",
  dismiss: "Dismiss",
  you: "You",

  nav: {
    label: "Pages",
    inbox: "Inbox",
    history: "History",
    routing: "Routing",
    team: "Team",
    account: "Account",
    commands: "All commands",
    shortcuts: "Keyboard shortcuts",
    ringing: (n: number) => `${n} ringing`,
    unread: (n: number) => `${n} unread`,
  },

  availability: {
    label: "Available for new conversations",
    available: "Available",
    away: "Away",
    availableHint: "New conversations ring here.",
    awayHint: "Nothing rings until you are available.",
    offHours: "Outside your working hours: nothing rings until they begin.",
    full: (load: number, capacity: number) =>
      `${load} of ${capacity} conversations. Nothing rings until one ends.`,
    load: (load: number, capacity: number) => `${load} of ${capacity} conversations`,
    unknown: "Not connected",
    causes: {
      unanswered: "Set away: two rings went unanswered.",
      idle: "Set away: you were idle.",
      manager: "Set away by a manager.",
    } as Record<string, string>,
    told: {
      unanswered:
        "You were set away: two rings in a row rang for their whole time and nobody took them.",
      idle: "Nothing rings here: there was no input on any of your devices for a while.",
      manager: "A manager set you away. Nothing rings here until you are available again.",
    } as Record<string, string>,
    failed: "Your availability didn't change. Try again.",
  },

  ...visitorTexts,
  ...conversationTexts,
  routing: routingTexts,
  hours: hoursTexts,
  presenceHistory: presenceTexts,

  presence: {
    available: "Available",
    away: "Away",
    offline: "Offline",
    off: "Outside working hours",
    full: "At capacity",
    load: (load: number, capacity: number) => `${load} of ${capacity}`,
    since: (when: string) => `since ${when}`,
  },

  link: {
    connecting: "Connecting",
    waiting: (n: number) => `Connection lost. Trying again in ${n} s.`,
    trying: "Connection lost. Trying again now.",
    keep: "Your conversations are kept.",
    now: "Try now",
    elsewhere: "This tab was replaced by another one of yours.",
    elsewhereAction: "Use this tab",
    refused: "The server refused this page. Load it again.",
    refusedAction: "Load again",
    back: "Connected again.",
  },

  palette: {
    title: "Commands",
    find: "Type a command, a page or a visitor",
    nothing: "No command is called that.",
    theme: (name: string) => `Use the ${name} theme`,
    openChat: (who: string) => `Open the conversation with ${who}`,
  },

  shortcuts: {
    title: "Keyboard shortcuts",
    rule: "Hold Alt with a key while you are writing in a field.",
    off: "Single keys are switched off in Account. Alt with a key works everywhere.",
    everywhere: "Everywhere",
    rings: "When it rings",
    conversation: "In a conversation",
    palette: "Open all commands",
    help: "Show this list",
    inbox: "Go to Inbox",
    history: "Go to History",
    team: "Go to Team",
    account: "Go to Account",
    availability: "Become available or away",
    start: "Start the first conversation that rings",
    decline: "Decline the first that rings",
    nth: "Open conversation 1 to 9",
    next: "Next conversation",
    previous: "Previous conversation",
    unread: "Next unread conversation",
    reply: "Write a message",
    transfer: "Transfer",
    end: "End conversation",
    beside: "Open the next conversation beside this one",
    closePane: "Close this pane",
    panel: "Show or hide visitor details",
    search: "Search past conversations",
    leave: "Leave the field",
    theme: "Switch between light and dark",
    mute: "Switch the sound of rings on or off",
  },

  ...peopleTexts,
  failing: {
    title: "That didn't load",
    network: "The server can't be reached. Check your connection.",
    server: "The server couldn't do this. Trying again may help.",
    denied: "You may not see this",
    deniedText: "Ask an admin of your team for access.",
    missing: "There is nothing here",
    missingText: "The address may be old.",
    toInbox: "Go to Inbox",
    crash: "This page stopped working",
    crashText: "Your conversations are kept on the server.",
    reload: "Load again",
  },
};
