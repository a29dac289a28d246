/** The TypeScript that a README shows, to be compiled as it stands. */

export interface Code {
  language: 'ts' | 'tsx';
  code: string;
}

const BLOCK = /^```(tsx?)\n([\s\S]*?)^```$/gm;

export function codeIn(markdown: string): Code[] {
  return Array.from(markdown.matchAll(BLOCK), ([, language, code]) => ({
    language: language as Code['language'],
    code: code ?? '',
  }));
}
