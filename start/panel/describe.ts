/**
 * Describes the router to the panel's page, in the form that the page of trpc-ui-zod4 1.1.0 takes: a tree of procedures, each with
 * the fields of its form (`node`) and a JSON schema, by which the page checks input and fills in samples. The package's own parser
 * knows little of zod 4: it leaves schemas empty, and arrays, records, defaults and unions unusable.
 */
import * as z from 'zod/mini';

/** A field of the form. What has no field is `unsupported`; the page's JSON editor takes everything. */
type Field = { path: string[]; optional?: true } & (
  | { type: 'object'; children: Record<string, Field> }
  | { type: 'array'; childType: Field }
  | { type: 'enum'; enumValues: unknown[] }
  | { type: 'literal'; value: unknown }
  | {
      type: 'discriminated-union';
      discriminatorName: string;
      discriminatedUnionValues: string[];
      discriminatedUnionChildrenMap: Record<string, Field>;
    }
  | { type: 'string' | 'number' | 'boolean' | 'unsupported' }
);

type Schema = z.core.JSONSchema.BaseSchema;
type Procedure = {
  nodeType: 'procedure';
  procedureType: string;
  pathFromRootRouter: string[];
  inputSchema: Schema;
  node: Field;
  extraData: { parameterDescriptions: Record<string, string> };
};
type Branch = { nodeType: 'router'; path: string[]; children: Record<string, Branch | Procedure> };

/** What is read of a tRPC router: every procedure by its full name. */
export type Procedures = Record<string, { _def: { type: string; inputs: z.core.$ZodType[] } }>;

/** The only record of the API. Its keys are free as far as a schema can tell. */
const SAMPLE_CONCEPTS = { Floor: { action: 'recolor', value: 'oak' } };

export const NO_PROCEDURES: Branch = { children: {}, nodeType: 'router', path: [] };

export function describeRouter(procedures: Procedures): Branch {
  const root = structuredClone(NO_PROCEDURES);
  for (const [name, procedure] of Object.entries(procedures)) {
    const path = name.split('.');
    let branch = root;
    for (const [depth, part] of path.slice(0, -1).entries()) {
      const child = branch.children[part] ?? { nodeType: 'router', path: path.slice(0, depth + 1), children: {} };
      branch.children[part] = child;
      if (child.nodeType !== 'router') throw new Error(`${name} lies below a procedure`);
      branch = child;
    }
    branch.children[path.at(-1)!] = describe(path, procedure._def);
  }
  return root;
}

function describe(path: string[], { type, inputs }: Procedures[string]['_def']): Procedure {
  const input = inputs[0] && takesNothing(inputs[0]) ? undefined : inputs[0];
  const inputSchema = input ? toSchema(input) : { type: 'object' as const, properties: {} };
  return {
    nodeType: 'procedure',
    procedureType: type,
    pathFromRootRouter: path,
    inputSchema,
    node: toField(inputSchema, []),
    extraData: { parameterDescriptions: {} },
  };
}

const takesNothing = (input: z.core.$ZodType): boolean => ['void', 'undefined'].includes(input._zod.def.type);

/** What a caller sends, before defaults are filled in. */
function toSchema(input: z.core.$ZodType): Schema {
  const { default: _, ...schema } = z.toJSONSchema(input, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'record') jsonSchema.default = SAMPLE_CONCEPTS;
    },
  });
  return schema;
}

function toField(schema: Schema, path: string[]): Field {
  if (schema.const !== undefined) return { type: 'literal', value: schema.const, path };
  if (schema.enum) return { type: 'enum', enumValues: schema.enum, path };
  const options = schema.oneOf ?? schema.anyOf;
  if (options) return unionField(options, path);
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return { type: schema.type, path };
    case 'number':
    case 'integer':
      return { type: 'number', path };
    case 'array': {
      const childType = toField(isSchema(schema.items) ? schema.items : {}, []);
      // The form drops numbers in lists that were filled in for it.
      return childType.type === 'number' ? { type: 'unsupported', path } : { type: 'array', childType, path };
    }
    case 'object':
      return schema.properties
        ? { type: 'object', children: fieldsOf(schema, path), path }
        : { type: 'unsupported', path };
    default:
      return { type: 'unsupported', path };
  }
}

function fieldsOf(schema: Schema, path: string[]): Record<string, Field> {
  const entries = Object.entries(schema.properties ?? {}).map(([name, value]): [string, Field] => {
    const field = toField(isSchema(value) ? value : {}, [...path, name]);
    return [name, schema.required?.includes(name) ? field : { ...field, optional: true }];
  });
  return Object.fromEntries(entries);
}

/** The form knows unions of objects that are told apart by one property. */
function unionField(options: readonly (Schema | boolean)[], path: string[]): Field {
  const objects = options.filter(isSchema);
  const constant = (schema: Schema, name: string) => {
    const property = schema.properties?.[name];
    return isSchema(property) && typeof property.const === 'string' ? property.const : undefined;
  };
  const names = Object.keys(objects[0]?.properties ?? {});
  const discriminatorName = names.find((name) => objects.every((schema) => constant(schema, name) !== undefined));
  if (discriminatorName === undefined) return { type: 'unsupported', path };
  const byValue = objects.map((schema): [string, Field] => [
    constant(schema, discriminatorName)!,
    toField(schema, path),
  ]);
  return {
    type: 'discriminated-union',
    discriminatorName,
    discriminatedUnionValues: byValue.map(([value]) => value),
    discriminatedUnionChildrenMap: Object.fromEntries(byValue),
    path,
  };
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;
