// Makes calls with the vendors' SDKs. Standard input: one JSON array of calls {id, sdk, base, op, stream, args}.
// Standard output: for each call one line of JSON {id, items, error}: what the SDK returned, and what it threw.
import { text } from "node:stream/consumers";
import OpenAI from "openai";
import { GoogleGenAI } from "@google/genai";

const TIMEOUT = 15_000;
const AT_ONCE = 32;
const FOUND = "48.85 north"; // as in calls.py

const MAKE = {
  openai: (base) => new OpenAI({ apiKey: "sk-any", baseURL: `${base}/v1`, maxRetries: 0, timeout: TIMEOUT }),
  gemini: (base) => new GoogleGenAI({ apiKey: "any", httpOptions: { baseUrl: base, timeout: TIMEOUT } }),
};

// The next turn of a chat in which a tool was called: what came goes back as it is, with what the tool says.
const AGAIN = {
  openai(args, first) {
    const { message } = first.choices[0];
    const result = { role: "tool", tool_call_id: message.tool_calls[0].id, content: JSON.stringify({ at: FOUND }) };
    return { ...args, messages: [...args.messages, message, result] };
  },
  gemini(args, first) {
    const said = first.candidates[0].content;
    const { id, name } = said.parts[0].functionCall;
    const result = { functionResponse: { id, name, response: { at: FOUND } } };
    return { ...args, contents: [...args.contents, said, { role: "user", parts: [result] }] };
  },
};

const CALL = {
  openai: {
    agent: (client, args, own) => client.chat.completions.create(args, own),
    chat: (client, args, own) => client.chat.completions.create(args, own),
    embeddings: (client, args, own) => client.embeddings.create(args, own),
    models: (client, _, own) => client.models.list(own),
    model: (client, args, own) => client.models.retrieve(args.model, own),
    tokens: (client, args, own) => client.responses.inputTokens.count(args, own),
  },
  gemini: {
    agent: (client, args) => client.models.generateContent(args),
    chat: (client, args, _, stream) =>
      stream ? client.models.generateContentStream(args) : client.models.generateContent(args),
    embeddings: (client, args) => client.models.embedContent(args),
    models: (client, args) => client.models.list(args),
    model: (client, args) => client.models.get(args),
    tokens: (client, args) => client.models.countTokens(args),
  },
};

const clients = new Map();

function client({ sdk, base }) {
  const key = `${sdk} ${base}`;
  if (!clients.has(key)) clients.set(key, MAKE[sdk](base));
  return clients.get(key);
}

async function make(call) {
  const items = [];
  let error = null;
  const headers = { "x-request-id": call.id };
  const args = call.args;
  if (call.sdk === "gemini") args.config = { ...args.config, httpOptions: { headers } };
  const ask = (args) => CALL[call.sdk][call.op](client(call), args, { headers }, call.stream);
  try {
    const found = await ask(args);
    if (call.stream || call.op === "models") {
      for await (const item of found) items.push(item);
    } else {
      items.push(found);
    }
    if (call.op === "agent") items.push(await ask(AGAIN[call.sdk](args, found)));
  } catch (thrown) {
    const { name } = thrown.constructor;
    error = { class: name, status: thrown.status ?? null, code: thrown.code ?? null, message: String(thrown.message) };
  }
  console.log(JSON.stringify({ id: call.id, base: call.base, items, error }));
}

const calls = JSON.parse(await text(process.stdin)).values();

async function lane() {
  for (const call of calls) await make(call);
}

await Promise.all(Array.from({ length: AT_ONCE }, lane));
