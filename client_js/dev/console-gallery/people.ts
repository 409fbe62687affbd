import type { About, Person, PresencePush } from "../../src/protocol/index.ts";

const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();

export const ME: Person = { id: "r_me", name: "Ana Duarte" };

const NAMES = [
  "Ben Okafor",
  "Chiara Lombardi",
  "Dmitri Sokolov",
  "Emi Tanaka",
  "Farid Haddad",
  "Grace Mbeki",
  "Wolfeschlegelsteinhausenbergerdorff-Papadimitriou, Maximiliane Konstantina",
];

export const REPS: readonly Person[] = [ME, ...NAMES.map((name, i) => ({ id: `r_${i}`, name }))];

export const PRESENCE: readonly PresencePush[] = REPS.map((rep, i) => ({
  type: "presence",
  rep,
  availability: i % 4 === 3 ? "away" : "available",
  online: i % 5 !== 4,
  load: i === 2 ? 3 : i % 3,
  capacity: 3,
}));

export const VISITORS: readonly About[] = [
  {
    id: "v_1",
    name: "Priya Raman",
    email: "priya.raman@acme.example",
    company: "Acme Robotics",
    location: { country: "IN", city: "Bengaluru" },
    locale: "en-IN",
    timezone: "Asia/Kolkata",
    pages_seen: 7,
    returning: true,
    page: { url: "https://www.acme.example/pricing?plan=team", title: "Pricing" },
    phone: "+91 80 5550 0142",
    employees: 240,
    industry: "Industrial automation",
    domain: "acme.example",
    device: { type: "desktop", browser: "Chrome", os: "Windows" },
    referrer: "https://www.search.example/",
    landing_page: "https://www.acme.example/robotics?utm_source=google",
    utm: { campaign: "robotics-autumn", source: "google", medium: "cpc" },
    fields: { plan: "Team", renewal: "2026-12-01", newsletter: true, seats: 40 },
    sources: {
      "visitor.name": "form",
      "visitor.email": "form",
      "visitor.company": "rep",
      "visitor.phone": "rep",
      "visitor.industry": "enrichment",
      "visitor.employees": "enrichment",
      "visitor.domain": "email",
      "field.plan": "signed_identity",
      "field.renewal": "signed_identity",
      "field.newsletter": "page_api",
      "field.seats": "chat",
    },
    edited: {
      "visitor.company": { rep: { id: "r_0", name: "Ben Okafor" }, at: at(200_000) },
      "visitor.phone": { rep: ME, at: at(180) },
    },
  },
  {
    id: "v_2",
    location: { country: "JP", city: "Osaka" },
    locale: "ja-JP",
    timezone: "Asia/Tokyo",
    pages_seen: 2,
    page: { url: "https://acme.example/docs/installation/windows", title: "Installing on Windows" },
  },
  {
    id: "v_3",
    name: "ليلى الحسيني",
    email: "layla@mizan.example",
    company: "ميزان للتقنية",
    location: { country: "AE", city: "Dubai" },
    locale: "ar-AE",
    timezone: "Asia/Dubai",
    pages_seen: 4,
    page: { url: "https://acme.example/ar/enterprise", title: "حلول المؤسسات" },
  },
  {
    id: "v_4",
    name: "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff the Younger of Philadelphia",
    email:
      "hubert.blaine.wolfeschlegelsteinhausenbergerdorff@an-exceedingly-long-domain-name.example",
    company: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    location: { country: "US", city: "Philadelphia" },
    locale: "en-US",
    timezone: "America/New_York",
    page: {
      url: `https://acme.example/${"very-long-path/".repeat(14)}`,
      title:
        "A page with a title that goes on for considerably longer than anybody would want it to",
    },
    pages_seen: 31,
    returning: true,
  },
  {
    id: "v_5",
    name: "Zoë 🌻 Müller",
    email: "zoe@blume.example",
    location: { country: "DE", city: "Köln" },
    locale: "de-DE",
    timezone: "Europe/Berlin",
    page: { url: "https://acme.example/", title: "Acme" },
  },
  {
    id: "v_6",
    location: { country: "BR" },
    locale: "pt-BR",
    page: { url: "https://acme.example/contact" },
  },
];
