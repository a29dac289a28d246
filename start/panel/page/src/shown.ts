/** A call as it is written in TypeScript on the published client, and as a shell command. */
import type { Described } from './described.ts';

export interface ShownCall {
  procedure: Pick<Described, 'path' | 'type' | 'access'>;
  /** `undefined` for none. */
  input: unknown;
  /** Where the API is, such as `http://127.0.0.1:8787`. */
  origin: string;
}

const clientOf = (origin: string): string =>
  `const client = createClient({ baseUrl: '${origin}', storage: webStorage() });`;

export function typescriptOf({ procedure: { path, type, access }, input, origin }: ShownCall): string {
  const given = input === undefined ? '' : literal(input);
  if (access === 'operator') return operatorTypescript(path, type, input, origin);
  if (type === 'subscription')
    return `import { createClient, webStorage } from '@s3-workers/client-sdk';
import { createS3Trpc } from '@s3-workers/client-sdk/trpc';

${clientOf(origin)}
const trpc = createS3Trpc(client);
trpc.${path}.subscribe(${given}, {
  onData: ({ data }) => console.log(data),
  onError: (error) => console.error(error),
});
`;
  // Its key is the client's own.
  const taken = path === 'auth.revoke' ? '' : given;
  return `import { createClient, webStorage } from '@s3-workers/client-sdk';

${clientOf(origin)}
const answer = await client.${path}(${taken});
console.log(answer);
`;
}

/** The client is for users. */
function operatorTypescript(path: string, type: Described['type'], input: unknown, origin: string): string {
  const [url, how] = requestOf(path, type, input, origin);
  const body =
    how === null ? '' : `\n  body: JSON.stringify(${literal({ json: input ?? {} }).replaceAll('\n', '\n  ')}),`;
  const sent = how === null ? '' : `\n  method: 'POST',`;
  const headers = how === null ? '' : `'content-type': 'application/json', `;
  return `// For operators, whose procedures the client does not have.
declare const ADMIN_SECRET: string;

const response = await fetch('${url}', {${sent}
  headers: { ${headers}authorization: \`Bearer \${ADMIN_SECRET}\` },${body}
});
console.log(await response.json());
`;
}

/** @param token of the session; the shell's own `$TOKEN` when left out */
export function curlOf(call: ShownCall, token: string | null): string {
  const { procedure, input, origin } = call;
  const watched = procedure.type === 'subscription';
  const path = watched ? 'jobs.get' : procedure.path;
  const [url, body] = requestOf(path, watched ? 'query' : procedure.type, input, origin);
  const bearer = procedure.access === 'operator' ? '$ADMIN_SECRET' : (token ?? '$TOKEN');
  const parts = [
    `curl -sS ${quoted(url)}`,
    ...(procedure.access === 'anyone' ? [] : [`-H "authorization: Bearer ${bearer}"`]),
    ...(body === null ? [] : [`-H 'content-type: application/json'`, `--data ${quoted(body)}`]),
  ];
  const note = watched ? '# Events come over a WebSocket, which curl does not speak; this asks once.\n' : '';
  return `${note}${parts.join(' \\\n  ')}\n`;
}

/** Address and body, which a query has none of. */
export function requestOf(
  path: string,
  type: Described['type'],
  input: unknown,
  origin: string,
): [url: string, body: string | null] {
  const url = `${origin}/trpc/${path}`;
  const json = JSON.stringify({ json: input ?? {} });
  if (type === 'mutation') return [url, json];
  return [input === undefined ? url : `${url}?input=${encodeURIComponent(json).replaceAll("'", '%27')}`, null];
}

/** For a shell, inside which nothing of it has a meaning. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** As one writes it by hand: names without quotes where they need none. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? '[]' : '{}';
  const parts = isList
    ? value.map((one) => literal(one, `${indent}  `))
    : Object.entries(value).map(([name, one]) => `${nameOf(name)}: ${literal(one, `${indent}  `)}`);
  if (parts.length === 0) return `${open}${close}`;
  const line = isList ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
  if (line.length + indent.length < 72 && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => `${indent}  ${part},\n`).join('')}${indent}${close}`;
}

const nameOf = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : literal(name));
