// The button that prints a page: what is shown is printed, also without a connection.
function show() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
  }
}

show();
// A page that shows a change of its own has another button.
document.addEventListener("htmx:afterSwap", show);
document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
