/**
 * The server's router and contract as the compiler sees them. With this package's own TypeScript 5.9: version 7 has no stable API yet.
 */
import path from 'node:path';
import ts from 'typescript';

const SERVER = path.resolve(import.meta.dirname, '../../server');
const CONTRACT = path.join(SERVER, 'src/contract/index.ts');
/** What operators and GPU workers are told names nothing for clients. */
const OTHERS = /\/(?:admin|callback|gpu-message)\.ts$/;
/** A file that is not there: it asks tRPC itself what each procedure takes and gives. */
const QUESTION = path.join(import.meta.dirname, 'question.ts');
const TEXT = `
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '../../server/src/rpc/router.ts';
export type Router = AppRouter;
export type Inputs = inferRouterInputs<AppRouter>;
export type Outputs = inferRouterOutputs<AppRouter>;
`;

export interface Source {
  checker: ts.TypeChecker;
  router: ts.Type;
  inputs: ts.Type;
  outputs: ts.Type;
  /** What the contract exports for clients. */
  contract: readonly ts.Symbol[];
}

/** Throws with the compiler's words when the server's types have an error that would make `any` of what is generated. */
export function readServer(): Source {
  const { config } = ts.readConfigFile(path.join(SERVER, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, SERVER);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => file === QUESTION || fileExists(file);
  host.readFile = (file) => (file === QUESTION ? TEXT : readFile(file));
  host.getSourceFile = (file, language, ...rest) =>
    file === QUESTION ? ts.createSourceFile(file, TEXT, language, true) : getSourceFile(file, language, ...rest);
  const program = ts.createProgram([CONTRACT, QUESTION], options, host);
  const checker = program.getTypeChecker();
  const exportsOf = (file: string): ts.Symbol[] => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (source === undefined || module === undefined) throw new Error(`${file} is no module`);
    const wrong = [source, ...importedBy(program, source)].flatMap((one) => program.getSemanticDiagnostics(one));
    if (wrong.length > 0)
      throw new Error(ts.formatDiagnostics(wrong, { ...host, getCanonicalFileName: (name) => name }));
    return checker
      .getExportsOfModule(module)
      .map((one) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one));
  };
  const [router, inputs, outputs] = exportsOf(QUESTION).map((one) => checker.getDeclaredTypeOfSymbol(one));
  if (!router || !inputs || !outputs) throw new Error('the router has no type');
  const contract = exportsOf(CONTRACT).filter(
    ({ declarations: [node] = [] }) => !OTHERS.test(node?.getSourceFile().fileName ?? ''),
  );
  return { checker, router, inputs, outputs, contract };
}

/** The contract and the routers, of which each error counts here. */
const importedBy = (program: ts.Program, source: ts.SourceFile): ts.SourceFile[] =>
  source.fileName === CONTRACT
    ? program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(path.dirname(CONTRACT)))
    : program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(path.join(SERVER, 'src/rpc/')));

/** A property's type. */
export const typeOf = ({ checker }: Pick<Source, 'checker'>, of: ts.Type, name: string): ts.Type => {
  const property = of.getProperty(name);
  if (property === undefined) throw new Error(`${checker.typeToString(of)} has no ${name}`);
  return checker.getTypeOfSymbol(property);
};
