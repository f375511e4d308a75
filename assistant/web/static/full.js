// Takes the widget's conversation along into the chat's page. The widget's frame on another site
// shares no storage with it, so this page is opened in between. It listens to a page of the
// assistant's own alone: nobody else puts words into its mouth.

const KEPT = "conversation "; // as the chat's page keeps it in this tab
const PATIENCE_MS = 3_000;

function goOn() {
  location.replace(`../${location.search}`);
}

addEventListener("message", (event) => {
  if (event.origin !== location.origin || typeof event.data?.conversation !== "string") return;
  sessionStorage.setItem(KEPT, event.data.conversation);
  sessionStorage.removeItem("conversation id"); // it is a new one in the list
  goOn();
});
setTimeout(goOn, window.opener ? PATIENCE_MS : 0);
window.opener?.postMessage("conversation?", location.origin);
