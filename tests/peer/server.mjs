// A stock ActivityPub peer for the tests and the demo: Fedify, behind TLS in the tests, with a control API beside it.
//
// It prints one JSON line when it listens: {"origin": "https://…", "control": "http://127.0.0.1:PORT"}.
// Control: POST /<action> with a JSON object (actions.mjs), GET /log, /followers, /following, /requests.
// It ends with its standard input, so no peer outlives the test that started it.

import { configure, getStreamSink } from "@logtape/logtape";
import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { Writable } from "node:stream";
import { actions } from "./actions.mjs";
import { federation } from "./federation.mjs";
import { ADDRESS, CERTIFICATE, LOG_LEVEL, ORIGIN, PORT } from "./settings.mjs";
import { followers, following, log, record, requests } from "./state.mjs";

await configure({
  contextLocalStorage: new AsyncLocalStorage(),
  sinks: { stderr: getStreamSink(Writable.toWeb(process.stderr)) },
  loggers: [
    { category: "fedify", lowestLevel: LOG_LEVEL, sinks: ["stderr"] },
    { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
  ],
});

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function page(request) {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/avatars/")) return new Response("not found", { status: 404 });
  const letter = pathname.at("/avatars/".length).toUpperCase().replace(/[^A-Z]/, "?");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#5b4bdb"/>`
    + `<text x="48" y="65" font-family="sans-serif" font-size="48" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
  return new Response(svg, { headers: { "content-type": "image/svg+xml" } });
}

/** Node's request to the Fetch API's, which Fedify speaks, and back. */
async function serve(incoming, outgoing) {
  const body = await bodyOf(incoming);
  const headers = [];
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.push(incoming.rawHeaders.slice(i, i + 2));
  const request = new Request(new URL(incoming.url, ORIGIN), {
    method: incoming.method, headers, body: body.length > 0 ? body : undefined,
  });
  const response = await federation.fetch(request, {
    contextData: undefined,
    onNotFound: page,
    onNotAcceptable: () => new Response("<p>This is a test peer.</p>", { headers: { "content-type": "text/html" } }),
  });
  if (incoming.method === "POST") {
    const scheme = incoming.headers["signature-input"] ? "rfc9421" : incoming.headers.signature ? "cavage" : "none";
    record("request", { scheme, target: incoming.url, status: response.status });
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function control(incoming) {
  const name = incoming.url.slice(1);
  if (incoming.method === "GET") {
    switch (name) {
      case "log": return log;
      case "followers": return Object.fromEntries([...followers].map(([user, all]) => [user, [...all.keys()]]));
      case "following": return Object.fromEntries([...following].map(([user, all]) => [user, [...all]]));
      case "requests": return [...requests.keys()];
    }
  }
  if (!Object.hasOwn(actions, name)) throw new Error(`no such action: ${incoming.method} /${name}`);
  return await actions[name](federation.createContext(new URL(ORIGIN)), JSON.parse(await bodyOf(incoming)));
}

const tls = CERTIFICATE ? fs.readFileSync(CERTIFICATE) : null;
const protocol = tls ? https : http;
const front = protocol.createServer({ key: tls, cert: tls, keepAliveTimeout: 120_000 }, (incoming, outgoing) => {
  serve(incoming, outgoing).catch((error) => {
    record("error", { target: incoming.url, message: String(error?.stack ?? error) });
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  });
});

const desk = http.createServer((incoming, outgoing) => {
  control(incoming)
    .then((answer) => [200, answer ?? null], (error) => [500, { error: String(error?.stack ?? error) }])
    .then(([status, answer]) => {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(answer));
    });
});

front.listen(PORT, ADDRESS, () => {
  desk.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ origin: ORIGIN, control: `http://127.0.0.1:${desk.address().port}` }));
  });
});

process.stdin.on("end", () => process.exit(0)).resume();
