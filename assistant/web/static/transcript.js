// What was said, read from the page, as text, Markdown and data.

import { text } from "./page.js";

const trimmed = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

// An answer of the chat as data. Of a refusal, `sentences` are the nearest passages.
export function read(answer) {
  const lead = answer.querySelector(".refusal, .lead");
  const citations = new Map();
  const sentences = [...answer.querySelectorAll(":scope > blockquote")].map((block) => {
    const links = [...block.querySelectorAll("a.cite")].map(cited);
    for (const one of links) citations.set(one.number, one);
    return {
      text: words(block),
      language: block.lang || answer.lang,
      supported: !block.matches(".unsupported"),
      reason: trimmed(block.querySelector(".doubt")),
      citations: links.map((one) => one.number),
    };
  });
  return {
    lead: trimmed(lead),
    refused: lead?.matches(".refusal") ?? false,
    notes: [...answer.querySelectorAll(":scope > footer")].map(trimmed),
    nearest: trimmed(answer.querySelector(".nearest")),
    language: answer.lang,
    sentences,
    citations: [...citations.values()].sort((one, other) => one.number - other.number),
  };
}

function cited(link) {
  const [, article] = /articles\/([^?]+)/.exec(link.href);
  const place = new URL(link.href).searchParams;
  const [start, end] = ["start", "end"].map((name) => Number(place.get(name)));
  const title = trimmed(link.lastElementChild).replace(/^: /, "");
  const number = Number(link.childNodes[1].textContent);
  return { number, title, article, start, end, url: link.href };
}

function words(block) {
  const bare = block.cloneNode(true);
  for (const other of bare.querySelectorAll("a.cite, footer")) other.remove();
  return trimmed(bare);
}

// Numbers in square brackets that are not ours are put in round ones, as in the server's own texts.
const unmarked = (plain) =>
  plain.replace(/[[［【〔]([^[\]［］【】〔〕\n]{0,40})[\]］】〕]/g, (bracketed, inside) => {
    const number = inside.split("†")[0];
    const cites = /\p{N}/u.test(number) && !/\p{L}|\d{4}/u.test(number);
    return cites ? `(${bracketed.slice(1, -1)})` : bracketed;
  });

const numbers = (sentence) => sentence.citations.map((number) => `[${number}]`).join("");
const doubt = (sentence) => (sentence.supported ? "" : ` (${sentence.reason})`);

export function asText(said) {
  return [
    [...said.notes.map(unmarked), said.lead].join("\n"),
    ...(said.refused && said.nearest ? [`${said.nearest}:`] : []),
    ...said.sentences.map((one) => `${unmarked(one.text)} ${numbers(one)}${unmarked(doubt(one))}`),
    [
      `${text("page.sources")}:`,
      ...said.citations.map((one) => `[${one.number}] ${unmarked(one.title)}\n    ${one.url}`),
    ].join("\n"),
  ].join("\n\n");
}

// Markdown that shows `plain` as it is. What holds an address becomes code: readers of Markdown make
// links of bare addresses everywhere else.
function escaped(plain) {
  const address = /[^\s<>`[\]()!]*(?::\/\/|www\.|mailto:|@|[\p{L}\p{N}]{2}\.\p{L}{2})[^\s<>`]*/giu;
  const active = (part) => part.replace(/[\\`*_[\]<>|~$&]/g, "\\$&");
  let [written, begun] = ["", 0];
  for (const { 0: found, index } of plain.matchAll(address)) {
    written += `${active(plain.slice(begun, index))}\`${found}\``;
    begun = index + found.length;
  }
  return `${written}${active(plain.slice(begun))}`.replace(/^\d+(?=[.)])|^(?=[#+=-])/, "$&\\");
}

const quoted = (plain) => escaped(unmarked(plain));

export function asMarkdown(said) {
  const links = new Map(said.citations.map((one) => [one.number, one.url]));
  const linked = (one) => one.citations.map((number) => `[[${number}]](${links.get(number)})`);
  return [
    ...[...said.notes.map(unmarked), said.lead].map(escaped),
    ...(said.refused && said.nearest ? [`**${escaped(said.nearest)}**`] : []),
    ...said.sentences.map(
      (one) => `> ${quoted(one.text)} ${linked(one).join(" ")}${quoted(doubt(one))}`,
    ),
    [
      `**${escaped(text("page.sources"))}**`,
      "",
      ...said.citations.map((one) => `${one.number}. [${quoted(one.title)}](${one.url})`),
    ].join("\n"),
  ].join("\n\n");
}

// Every question of the chat with its answer; what is no answer, such as a notice, is left out.
export function conversation() {
  const turns = [];
  for (const row of document.querySelectorAll("#chat .message-row")) {
    const answer = row.querySelector(".answer");
    if (!answer) turns.push({ question: question(row), answer: null });
    else if (turns.length && !answer.matches(".notice")) turns.at(-1).answer = read(answer);
  }
  return turns.filter((turn) => turn.answer);
}

export function question(row) {
  return (row?.querySelector(".message-content")?.innerText ?? "").trim();
}

export function conversationAsMarkdown() {
  const day = new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
  const turns = conversation().map(
    (turn) => `## ${escaped(turn.question.replace(/\s+/g, " "))}\n\n${asMarkdown(turn.answer)}`,
  );
  return `${[`# ${document.title}`, day, ...turns].join("\n\n")}\n`;
}

export function conversationAsJson() {
  const exported = new Date().toISOString();
  return JSON.stringify({ title: document.title, exported, turns: conversation() }, null, 2);
}
