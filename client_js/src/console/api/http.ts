/** The HTTP interface: one way to call it, and one shape of refusal. */

/** An answer that isn't 2xx: the server's code, sentence and fields. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
    /** The whole answer: some refusals say more. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "Refused";
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Throws `Refused`, or `TypeError` when there was no answer at all. */
export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(`/v1${path}`, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-Frontdesk": "1" }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw refusedBy(response.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

function refusedBy(status: number, text: string): Refused {
  try {
    const body = JSON.parse(text) as Record<string, unknown> & { code?: string; message?: string };
    const fields = (body["fields"] ?? {}) as Record<string, string>;
    return new Refused(status, body.code ?? "internal", body.message ?? "", fields, body);
  } catch {
    return new Refused(status, "internal", "");
  }
}

export type RefusalKind = "denied" | "missing" | "signed_out" | "throttled" | "network" | "server";

/** What kind of no it was: decides the words and whether trying again makes sense. */
export function refusal(error: unknown): { kind: RefusalKind; code: string } {
  if (!(error instanceof Refused)) {
    return { kind: error instanceof TypeError ? "network" : "server", code: "" };
  }
  const kinds: Record<number, RefusalKind> = {
    401: "signed_out",
    403: "denied",
    404: "missing",
    410: "missing",
    429: "throttled",
  };
  return { kind: kinds[error.status] ?? "server", code: error.code };
}
