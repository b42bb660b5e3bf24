// The shift log: Ctrl+Enter sends what is written; the print view has a button.
document.getElementById("write")?.addEventListener("keydown", (event) => {
  if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && !event.repeat) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
});
document.getElementById("print")?.addEventListener("click", () => window.print());
