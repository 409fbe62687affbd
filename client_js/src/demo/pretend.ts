/** Invented people whom somebody can come as, to see the routing rules at work. */

export type Fields = Record<string, string | number | boolean>;

const NOBODY: Fields = { name: "", email: "", company: "", employees: "", customer: "", buoys: "" };

const PEOPLE: Record<string, Fields> = {
  nobody: NOBODY,
  mira: {
    ...NOBODY,
    name: "Mira Lund",
    email: "mira@oysterpilots.example",
    company: "Oyster Pilots",
    employees: 85,
    customer: true,
    buoys: 6,
  },
  aiko: {
    ...NOBODY,
    name: "Aiko Sugiyama",
    email: "aiko@setouchiferry.example",
    company: "Setouchi Ferry Lines",
    employees: 900,
  },
  jonas: {
    ...NOBODY,
    name: "Jonas Petit",
    email: "jonas@portbrest.example",
    company: "Port of Brest",
    employees: 120,
  },
};

/** What the buttons of the panel do; `identify` tells the chat. */
export function offerPeople(identify: (fields: Fields) => void): void {
  const now = document.querySelector(".pretend-now");
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-be]")) {
    button.addEventListener("click", () => {
      const fields = PEOPLE[button.dataset["be"] ?? ""] ?? NOBODY;
      identify(fields);
      const name = fields["name"] === "" ? "nobody in particular" : String(fields["name"]);
      if (now) now.textContent = `You are ${name} now. Open the chat and ask.`;
    });
  }
}
