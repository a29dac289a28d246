/** The text of each generated file. */
import * as contract from '../../server/src/contract/index.ts';
import { commentAt, commentOf } from './comments.ts';
import { ordersOf } from './orders.ts';
import { type Procedure, proceduresOf } from './procedures.ts';
import { readServer, type Source, typeOf } from './program.ts';
import { Shapes } from './shapes.ts';
import { described, members, treeOf } from './tree.ts';

/** Name → text, still to be formatted. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const source = readServer();
  const values: Record<string, unknown> = { ...contract };
  const shapes = new Shapes(source, ordersOf(source.contract.map(({ name }) => values[name])));
  const procedures = await proceduresOf(source, shapes);
  const [forClient, forTrpc] = [procedures.filter(({ type }) => type !== 'subscription'), procedures];
  const bodies = {
    procedures: proceduresFile(forClient, shapes),
    calls: callsFile(forClient, shapes),
    router: routerFile(forTrpc, shapes),
    errors: errorsFile(source, shapes),
    limits: limitsFile(source),
    presets: presetsFile(),
  };
  const types = shapes.declarations().join('\n\n');
  const importing = ([name, { about, imports = '', body }]: [string, File]) => [
    name,
    file(about, `${imports}${ofTypes(body, shapes)}\n${body}`),
  ];
  const about = 'Everything that the API takes and gives, as plain types.';
  return { types: file(about, types), ...Object.fromEntries(Object.entries(bodies).map(importing)) };
}

interface File {
  about: string;
  /** What it imports of what is written by hand, in the order that lint wants. */
  imports?: string;
  body: string;
}

const file = (about: string, body: string): string =>
  `/**\n * ${about}\n *\n * Made from the server's contract and router by \`npm run generate -w client-sdk\`: what is changed here is lost.\n */\n${body}\n`;

/** The import of the shapes that a text names. */
function ofTypes(body: string, { used }: Shapes): string {
  const code = body.replace(/\/\*\*[\s\S]*?\*\/|'[^'\n]*'|"[^"\n]*"/g, '');
  const names = [...used].filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  const sorted = names.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return names.length === 0 ? '' : `import type { ${sorted.join(', ')} } from './types.ts';\n`;
}

function inputOf({ input, isOptional }: Procedure, shapes: Shapes): string {
  if (input === null) return 'undefined';
  return `${shapes.print(input)}${isOptional ? ' | undefined' : ''}`;
}

function proceduresFile(procedures: readonly Procedure[], shapes: Shapes): File {
  const types = procedures.map(
    (one) => `${described(one)}'${one.path}': { input: ${inputOf(one, shapes)}; output: ${shapes.print(one.output)} };`,
  );
  const kinds = procedures.map(({ path, type, kind, input, pages }) => {
    const all = { type, ...kind, ...(input === null && { bare: true }), ...(pages && { pages: pages.field }) };
    return `'${path}': ${JSON.stringify(all)},`;
  });
  const imports = "import type { ProcedureKind } from '../procedure-kind.ts';\n";
  const body = `export type ProcedurePath = ${procedures.map(({ path }) => `'${path}'`).join(' | ')};

/** By path: what a procedure is given, and what it answers. */
export interface Procedures {
${types.join('\n')}
}

export const PROCEDURES: { readonly [P in ProcedurePath]: ProcedureKind } = {
${kinds.join('\n')}
};`;
  return { about: "The API's procedures, and how each may be called.", imports, body };
}

function callsFile(procedures: readonly Procedure[], shapes: Shapes): File {
  const method = (name: string, { input, isOptional, output, pages }: Procedure) => {
    const given = input === null ? '' : `input${isOptional ? '?' : ''}: ${shapes.print(input)}, `;
    const answer = shapes.print(output);
    const promise = pages === null ? `Promise<${answer}>` : `Paged<${answer}, ${shapes.print(pages.entry)}>`;
    return `${name}(${given}options?: CallOptions): ${promise};`;
  };
  const interfaces: string[] = [];
  const group = (name: string, body: string, depth: number) => {
    if (depth > 0) return `readonly ${name}: ${body};`;
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}Calls`;
    interfaces.push(`export interface ${title} ${body}`);
    return `readonly ${name}: ${title};`;
  };
  const all = members(treeOf(procedures), method, group);
  const imports = "import type { CallOptions } from '../api/call.ts';\nimport type { Paged } from '../api/pages.ts';\n";
  const body = `${interfaces.join('\n\n')}

/** A method for each procedure. */
export interface Calls {
${all}
}`;
  return { about: "The client's methods, each a call of its procedure.", imports, body };
}

function routerFile(procedures: readonly Procedure[], shapes: Shapes): File {
  const names = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
  const procedure = (name: string, one: Procedure) =>
    `${name}: ${names[one.type]}<${inputOf(one, shapes)}, ${shapes.print(one.output)}>;`;
  const used = [...new Set(procedures.map(({ type }) => names[type]))].sort();
  const imports = `import type { ${used.join(', ')} } from '../trpc/procedure-types.ts';\n`;
  const body = `/** The procedures as tRPC nests them. */
export type S3Procedures = {
${members(treeOf(procedures), procedure, (name, inner) => `${name}: ${inner};`)}
};`;
  return { about: "The API as a tRPC router's type, without the server's.", imports, body };
}

function errorsFile({ contract: exported, checker }: Source, shapes: Shapes): File {
  const declared = exported.find(({ name }) => name === 'ErrorDetails');
  if (declared === undefined) throw new Error('the contract has no ErrorDetails');
  const details = checker.getDeclaredTypeOfSymbol(declared);
  const codes = Object.entries(contract.ERROR_CODES);
  const fields = codes.map(([code]) => {
    const field = details.getProperty(code);
    if (field === undefined) return `${code}: null;`;
    const comment = commentOf(field, checker);
    return `${comment}${comment && '\n'}${code}: ${shapes.print(typeOf({ checker }, details, code))};`;
  });
  const table = (of: (row: { status: number; trpc: string }) => string | number) =>
    codes.map(([code, row]) => `${code}: ${JSON.stringify(of(row))},`).join('\n');
  const body = `/** What \`data\` of the server's errors holds, by code. */
export interface ServerErrorData {
${fields.join('\n')}
}

/** The codes with a space between them, which is shorter than a list. */
export const ERROR_CODES =
  '${codes.map(([code]) => code).join(' ')}';

/** The HTTP status of each code. */
export const ERROR_STATUS: Readonly<Record<keyof ServerErrorData, number>> = {
${table(({ status }) => status)}
};

/** What tRPC calls each code. */
export const ERROR_TRPC = {
${table(({ trpc }) => trpc)}
} as const;`;
  return { about: "The server's error codes.", body };
}

function limitsFile({ contract: exported }: Source): File {
  const values: Record<string, unknown> = { ...contract };
  const limits = exported.flatMap(({ name, valueDeclaration }) => {
    if (valueDeclaration?.getSourceFile().fileName.endsWith('/limits.ts') !== true) return [];
    const comment = commentAt(valueDeclaration);
    const isFixed = typeof values[name] === 'object';
    const text = JSON.stringify(values[name]).replace(/\B(?=(?:\d{3})+\b)/g, '_');
    return [
      { isFixed, code: `${comment}${comment && '\n'}export const ${name} = ${text}${isFixed ? ' as const' : ''};` },
    ];
  });
  // Numbers first: bundlers write those where they are used, up to the first value that is none.
  limits.sort((one, other) => Number(one.isFixed) - Number(other.isFixed));
  return { about: 'The limits of what crosses the wire.', body: limits.map(({ code }) => code).join('\n') };
}

function presetsFile(): File {
  const { PRESETS, TONES, TEXTURES, PRESET_IDS } = contract;
  const either = (words: object) =>
    Object.keys(words)
      .map((word) => JSON.stringify(word))
      .join(' | ') || 'never';
  const presets = Object.entries(PRESETS).map(
    ([id, { concepts, protectOnly, palette, outputTemplates }]) => `${id}: {
concept: ${either(concepts)};
protectOnly: ${either(protectOnly)};
colour: ${either(palette)};
template: ${either(outputTemplates)};
};`,
  );
  const list = (name: string, words: readonly string[]) => `export const ${name} = ${JSON.stringify(words)} as const;`;
  const body = `/** The names that each preset knows. */
export interface PresetNames {
${presets.join('\n')}
}

${list('PRESET_IDS', PRESET_IDS)}
${list('TONES', TONES)}
${list('TEXTURES', TEXTURES)}`;
  return { about: 'The presets by their names, and the words of what can be done to a concept.', body };
}
