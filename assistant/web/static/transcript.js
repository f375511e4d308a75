// What was said, read from the page, as text, Markdown and data.

import { text } from "./page.js";

const trimmed = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

// An answer of the chat as data. Of a refusal, `sentences` are the nearest passages.
export function read(answer) {
  const lead = answer.querySelector(".refusal, .lead");
  const citations = new Map();
  const sentences = [...answer.querySelectorAll("blockquote")].map((block) => {
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

const numbers = (sentence) => sentence.citations.map((number) => `[${number}]`).join("");
const doubt = (sentence) => (sentence.supported ? "" : ` (${sentence.reason})`);

export function asText(said) {
  return [
    [...said.notes, said.lead].join("\n"),
    ...(said.refused && said.nearest ? [`${said.nearest}:`] : []),
    ...said.sentences.map((one) => `${one.text} ${numbers(one)}${doubt(one)}`),
    [
      `${text("page.sources")}:`,
      ...said.citations.map((one) => `[${one.number}] ${one.title}\n    ${one.url}`),
    ].join("\n"),
  ].join("\n\n");
}

const escaped = (plain) => plain.replace(/[\\`*_[\]<>#|~]/g, "\\$&").replace(/^(\d+)\./, "$1\\.");

export function asMarkdown(said) {
  const links = new Map(said.citations.map((one) => [one.number, one.url]));
  const linked = (one) => one.citations.map((number) => `[[${number}]](${links.get(number)})`);
  return [
    ...[...said.notes, said.lead].map(escaped),
    ...(said.refused && said.nearest ? [`**${escaped(said.nearest)}**`] : []),
    ...said.sentences.map(
      (one) => `> ${escaped(one.text)} ${linked(one).join(" ")}${escaped(doubt(one))}`,
    ),
    [
      `**${escaped(text("page.sources"))}**`,
      "",
      ...said.citations.map((one) => `${one.number}. [${escaped(one.title)}](${one.url})`),
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
