// Notices that the browser has forgotten what lay on this phone, as some do after a week, or when people clear it.
import { element } from "./element.js";
import { gettext } from "./texts.js";

// The monitor knows the phone by a cookie that scripts can't see; what the phone itself knows of it is gone.
export async function noticeWiped(store, mine) {
  if (mine.paired && !(await store.meta("paired"))) {
    await store.setMeta("wiped", true);
  }
}

export async function wipedPart(app) {
  if (!(await app.store.meta("wiped"))) {
    return null;
  }
  const close = async () => {
    await app.store.setMeta("paired", { account: app.mine.account, ends_at: new Date(0).toISOString() });
    await app.store.setMeta("wiped", false);
    await app.refresh({ isNew: false });
  };
  return element(
    "section",
    { class: "notice", id: "wiped", role: "alert" },
    element("p", {}, gettext("This browser has forgotten what was on this phone. Forms and photos that were not sent are lost: look under “Inspections” in the console what has arrived, and do the rest again.")),
    element("button", { type: "button", onclick: close }, gettext("I have read it")),
  );
}
