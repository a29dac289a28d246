/** What an editor shows of a name, and what the compiler says of a file: with the TypeScript that apps have, and nothing of the server. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

export interface Editor {
  errors(): string[];
  /** The documentation that is shown at the first place where `before` ends. */
  shown(before: string): string;
}

export function editorOf(file: string): Editor {
  const read = (name: string) => (ts.sys.fileExists(name) ? readFileSync(name, 'utf8') : undefined);
  const service = ts.createLanguageService({
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot(name) {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: read,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
  });
  return {
    errors: () =>
      [...service.getSemanticDiagnostics(file), ...service.getSyntacticDiagnostics(file)].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      ),
    shown(before) {
      const place = (read(file) ?? '').indexOf(before) + before.length - 1;
      return ts.displayPartsToString(service.getQuickInfoAtPosition(file, place)?.documentation);
    },
  };
}
