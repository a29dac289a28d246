/** Types of the server, written out flat: without zod, without tRPC, each under the name that the contract gives it. */
import ts from 'typescript';
import { commentOf, commentOfType } from './comments.ts';
import { type Orders, ordered } from './orders.ts';
import type { Source } from './program.ts';

const PLAIN =
  ts.TypeFlags.StringLike |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Unknown;
const ABSENT = ts.TypeFlags.Undefined | ts.TypeFlags.Void;

interface Named {
  name: string;
  type: ts.Type;
  declaration: ts.TypeAliasDeclaration;
}

export class Shapes {
  readonly #checker: ts.TypeChecker;
  readonly #orders: Orders;
  readonly #names = new Map<string, Named>();
  readonly #used = new Map<string, string>();
  readonly #keys = new Map<ts.Type, string>();

  constructor({ checker, contract }: Source, orders: Orders) {
    this.#checker = checker;
    this.#orders = orders;
    for (const { declarations = [], name } of contract) {
      const declaration = declarations.find(ts.isTypeAliasDeclaration);
      if (declaration === undefined || declaration.typeParameters !== undefined) continue;
      const type = checker.getTypeAtLocation(declaration);
      // Of two names for one shape the first is its name.
      if (type.flags & PLAIN && !type.isUnion()) continue;
      const key = this.#keyOf(type);
      if (!this.#names.has(key)) this.#names.set(key, { name, type, declaration });
    }
  }

  /** A type as it stands in a declaration. What is named in it will be among `declarations()`. */
  print(type: ts.Type): string {
    const named = this.#names.get(this.#keyOf(type));
    if (named === undefined) return this.#write(type, (inner) => this.print(inner));
    this.#use(named);
    return named.name;
  }

  /** Whether a value of this type may be left out. */
  isOptional = (type: ts.Type): boolean => partsOf(type).some(({ flags }) => flags & ABSENT);

  /** The type without what says that it may be left out; null where nothing is left. */
  present(type: ts.Type): ts.Type | null {
    const rest = partsOf(type).filter(({ flags }) => !(flags & ABSENT));
    if (rest.length === 0) return null;
    return rest.length === partsOf(type).length ? type : (this.#checker.getNonNullableType(type) ?? null);
  }

  /** What was named, in alphabetical order, as declarations. */
  declarations(): string[] {
    return [...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  get used(): ReadonlySet<string> {
    return new Set(this.#used.keys());
  }

  #use({ name, type, declaration }: Named): void {
    if (this.#used.has(name)) return;
    this.#used.set(name, '');
    const comment = commentOfType(declaration, this.#checker);
    const body = this.#write(type, (inner) => this.print(inner));
    const head = isRecord(type) && !type.isUnion() && body.startsWith('{') ? `interface ${name}` : `type ${name} =`;
    this.#used.set(name, `${comment}${comment && '\n'}export ${head} ${body}`);
  }

  /** The same for all types that are written alike. */
  #keyOf(type: ts.Type): string {
    const known = this.#keys.get(type);
    if (known !== undefined) return known;
    const key = this.#write(type, (inner) => this.#keyOf(inner), false);
    this.#keys.set(type, key);
    return key;
  }

  #write(type: ts.Type, inner: (type: ts.Type) => string, comments = true): string {
    const { flags } = type;
    if (flags & ABSENT) return 'undefined';
    if (type.isStringLiteral()) return JSON.stringify(type.value);
    if (type.isUnion() && !(flags & ts.TypeFlags.Boolean)) return this.#union(type, inner);
    if (flags & PLAIN) return this.#checker.typeToString(type);
    if (!isRecord(type)) throw new Error(`no flat type for ${this.#checker.typeToString(type)}`);
    if (this.#checker.isArrayType(type)) return this.#list(type, inner);
    if (type.symbol?.name === 'Date') return 'Date';
    const index = this.#checker.getIndexInfosOfType(type)[0];
    if (index !== undefined) return `Record<${inner(index.keyType)}, ${inner(index.type)}>`;
    const call = type.getCallSignatures().length + type.getConstructSignatures().length;
    if (call > 0) throw new Error(`a function crosses no wire: ${this.#checker.typeToString(type)}`);
    return this.#object(type, inner, comments);
  }

  #list(type: ts.Type, inner: (type: ts.Type) => string): string {
    const [element] = this.#checker.getTypeArguments(type as ts.TypeReference);
    const text = inner(element as ts.Type);
    return /[|&]/.test(text) && !text.startsWith('{') ? `(${text})[]` : `${text}[]`;
  }

  /** What it may be besides null and undefined as one, since that may have a name. */
  #union(type: ts.UnionType, inner: (type: ts.Type) => string): string {
    const rest = type.types.filter(({ flags }) => !(flags & (ABSENT | ts.TypeFlags.Null)));
    const missing = [
      ...(type.types.some(({ flags }) => flags & ts.TypeFlags.Null) ? ['null'] : []),
      ...(type.types.some(({ flags }) => flags & ABSENT) ? ['undefined'] : []),
    ];
    const whole = this.#checker.getNonNullableType(type);
    if (missing.length > 0) return [...(rest.length > 0 ? [inner(whole)] : []), ...missing].join(' | ');
    const texts: string[] = rest.every((one) => one.isStringLiteral())
      ? ordered(
          rest.map((one) => (one as ts.StringLiteralType).value),
          this.#orders,
        ).map((one) => JSON.stringify(one))
      : rest.map((one) => inner(one));
    // The compiler holds a boolean among others as two.
    const isBoolean = texts.includes('true') && texts.includes('false');
    const others = texts.filter((one) => !isBoolean || !/^(?:true|false)$/.test(one));
    return [...new Set(isBoolean ? [...others, 'boolean'] : others)].join(' | ');
  }

  #object(type: ts.Type, inner: (type: ts.Type) => string, comments: boolean): string {
    const fields = inOrder(type.getProperties(), this.#checker).map((property) =>
      this.#field(property, inner, comments),
    );
    if (fields.length === 0) return 'Record<string, never>';
    const described = fields.some((field) => field.startsWith('/**'));
    return described ? `{\n${fields.join('\n')}\n}` : `{ ${fields.join(' ')} }`;
  }

  #field(property: ts.Symbol, inner: (type: ts.Type) => string, comments: boolean): string {
    const type = this.#checker.getTypeOfSymbol(property);
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const written = inner(type);
    // Optional is not yet undefined: the compiler tells the two apart, and so do those who read it.
    const isExact = isOptional && !partsOf(type).includes(this.#checker.getUndefinedType());
    const text = isExact ? written.replace(/ \| undefined$/, '') : written;
    const isNamed = this.#used.has(written.replace(/(?:\[\]|\s*\|.*)$/, ''));
    const comment =
      comments && (!isNamed || hasOwnComment(property, this.#checker)) ? commentOf(property, this.#checker) : '';
    const key = /^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name);
    return `${comment}${comment && '\n'}${key}${isOptional ? '?' : ''}: ${text};`;
  }
}

const isRecord = (type: ts.Type): boolean => (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
const partsOf = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

/** Whether something stands at the field itself. What its schema says stands at the type's name where it has one. */
function hasOwnComment(property: ts.Symbol, checker: ts.TypeChecker): boolean {
  const declared = checker.getRootSymbols(property).flatMap(({ declarations = [] }) => declarations);
  return declared.some((node) => ts.getJSDocCommentsAndTags(node).some(ts.isJSDoc));
}

/** As they stand in the schema: zod's types have the optional ones last. */
function inOrder(properties: readonly ts.Symbol[], checker: ts.TypeChecker): readonly ts.Symbol[] {
  const places = properties.map((property) => ({
    property,
    node: checker.getRootSymbols(property)[0]?.declarations?.[0],
  }));
  if (new Set(places.map(({ node }) => node?.parent)).size !== 1) return properties;
  return places.sort((a, b) => (a.node?.pos ?? 0) - (b.node?.pos ?? 0)).map(({ property }) => property);
}
