// What an answer of the network means for what was sent: accepted, refused, or to be sent again.
const AGAIN = new Set([408, 425, 429]);

const wait = (waits_for) => ({ kind: "wait", waits_for });

export const isJson = (response) => /^application\/(problem\+)?json\b/.test(response.headers.get("content-type") ?? "");

// Read what the server says. A page, a redirection or anything else that is not ours comes from a network that wants
// a sign-in of its own (a captive portal): it proves nothing about the form.
export async function read(response) {
  if (response.redirected || response.type === "opaqueredirect" || !isJson(response)) {
    return null;
  }
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// The receipt of a form names its key and its digest; that of a report, the action; that of a decision, the inspection.
function isReceipt(body, form) {
  switch (form.kind) {
    case "action":
      return body.id === form.action;
    case "decision":
      return body.inspection === form.inspection && body.verdict === form.act;
    default:
      return body.key === form.key && (form.digest === null || body.digest === form.digest);
  }
}

export async function verdictOf(response, form) {
  const body = await read(response);
  if (response.status >= 500 || AGAIN.has(response.status)) {
    return wait("server");
  }
  if (!body) {
    return wait("portal");
  }
  if (response.ok) {
    return isReceipt(body, form) ? { kind: "accepted", receipt: body } : wait("other-receipt");
  }
  if (response.status === 401) {
    return wait("sign-in");
  }
  const { status = response.status, title = "", detail = "", items = [], newer = null } = body;
  return { kind: "refused", refusal: { status, title, detail, items, newer } };
}
