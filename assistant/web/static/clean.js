// HTML of messages, with nothing in it but what our own messages are made of: a kept conversation
// may come back changed, from the page around the frame.

const TAGS = new Set(("A BDI BLOCKQUOTE BR DETAILS DIV FOOTER LI MARK OL P SMALL SPAN STRONG SUMMARY"
  + " TABLE TBODY TD TH THEAD TR UL").split(" "));
const NAMES = new Set(["class", "dir", "lang", "role", "scope", "start"]);
const OURS = /^articles\/[\w-]+(\?start=\d+&end=\d+#quote)?$/;

// The nodes of `html`, as a fragment to be put into the page.
export function clean(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of [...body.querySelectorAll("*")]) {
    if (!TAGS.has(element.nodeName)) element.remove();
    else for (const { name, value } of [...element.attributes]) {
      const kept = NAMES.has(name) || (name === "href" && OURS.test(value));
      if (!kept) element.removeAttribute(name);
    }
  }
  const fragment = document.createDocumentFragment();
  fragment.append(...body.childNodes);
  return fragment;
}
