import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, ErrorObject, ValidateFunction } from 'ajv';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** What of an OpenAPI document is looked at here. */
interface Described {
  readonly paths: Record<string, Record<string, DescribedOperation>>;
  readonly components: Record<string, Record<string, unknown>>;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: (DescribedParameter | Reference)[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, { schema: ClosableSchema }> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> } | Reference>;
}

interface DescribedParameter {
  readonly 'name': string;
  readonly 'in': 'path' | 'query' | 'header';
  readonly 'required'?: boolean;
  /** The value in the path may hold slashes. */
  readonly 'x-multi-segment'?: boolean;
}

interface ClosableSchema {
  readonly properties?: Record<string, unknown>;
  additionalProperties?: unknown;
}

interface Reference {
  readonly $ref: string;
}

/** An operation that a request matched. */
export interface Operation {
  readonly id: string;
  /** The values of the path's parameters. */
  readonly parameters: Record<string, string>;
  /** Where the operation is described, as a JSON pointer. */
  readonly pointer: string;
}

/** A path of the description, as requests are held against it. */
interface PathPattern {
  readonly pattern: RegExp;
  /** Of its parameters, in order. */
  readonly names: readonly string[];
}

const JSON_TYPE = 'application/json';
/**
 * Cut out of `@octokit/openapi` 23.0.2, prose dropped; the second knows references and annotated tags, the third trees, blobs and commits,
 * the fourth re-runs, the fifth the site of GitHub Pages, the sixth comments by their ids (as `@octokit/openapi-types` 27 has them).
 */
const FILES = ['github-api.json', 'github-api-git.json', 'github-api-git-data.json', 'github-api-runs.json', 'github-api-pages.json', 'github-api-comments.json'];
let loaded: GithubSpecification | undefined;

/**
 * GitHub's own OpenAPI description, cut down to what we use: what it does not know is a violation,
 * whether it is in a request or in a response.
 */
export class GithubSpecification {
  /** Once for all stand-ins of a process: its validators are compiled as they are needed, and kept. */
  public static load(): GithubSpecification {
    loaded ??= new GithubSpecification(FILES.map(read).reduce(merged));
    return loaded;
  }

  private readonly bodies = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  /** Queries and paths are text. */
  private readonly texts = new Ajv({ strict: false, validateFormats: false, allErrors: true, coerceTypes: true });

  /** By method, in the order of the description: compiled once, because every request is held against them. */
  private readonly patterns = new Map<string, readonly (PathPattern & Pick<Operation, 'id' | 'pointer'>)[]>();

  private constructor(private readonly description: Described) {
    closeRequestBodies(description);
    allowNullWhereSaid(description);
    this.bodies.addSchema(description, 'github', undefined, false);
    this.texts.addSchema(description, 'github', undefined, false);
  }

  public operation({ method, path }: WireRequest): Operation | undefined {
    for (const { id, names, pattern, pointer } of this.patternsOf(method.toLowerCase())) {
      const found = pattern.exec(path);
      if (found) return { id, pointer, parameters: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1])])) };
    }
    return undefined;
  }

  public requestViolations(request: WireRequest, operation: Operation): string[] {
    const where = `request ${request.method} ${request.path}`;
    const { requestBody, parameters = [] } = this.at<DescribedOperation>(operation.pointer);
    const known = parameters.map((parameter, index) => this.resolved<DescribedParameter>(parameter, `${operation.pointer}/parameters/${index}`));
    const unknown = Object.keys(request.query).filter((name) => !known.some(({ value }) => value.in === 'query' && value.name === name));
    const given: Record<string, Record<string, string>> = { path: operation.parameters, query: request.query };
    return [
      ...unknown.map((name) => `${where}: there is no query parameter ${name}`),
      ...known.flatMap(({ value, pointer }) => this.parameterViolations(value, pointer, given[value.in]?.[value.name]).map((text) => `${where}: ${text}`)),
      ...(requestBody ? this.bodyViolations(requestBody, operation, request.body).map((text) => `${where}: ${text}`) : []),
    ];
  }

  public responseViolations(request: WireRequest, operation: Operation, status: number, body: unknown): string[] {
    const where = `response ${request.method} ${request.path} ${status}`;
    const declared = this.at<DescribedOperation>(operation.pointer).responses[String(status)];
    // The description leaves most errors out (401, rate limits, 5xx).
    if (!declared) return status >= 400 ? [] : [`${where}: this status is not described`];
    const { value, pointer } = this.resolved<{ content?: Record<string, unknown> }>(declared, `${operation.pointer}/responses/${status}`);
    // ... and the body of some
    if (!value.content?.[JSON_TYPE]) return body === undefined || status >= 400 ? [] : [`${where}: a body where none is described`];
    return explain(this.bodies, `${pointer}/content/${escape(JSON_TYPE)}/schema`, body).map((text) => `${where}: ${text}`);
  }

  private patternsOf(method: string) {
    const known = this.patterns.get(method) ?? Object.entries(this.description.paths).flatMap(([template, { [method]: described }]) => (
      described === undefined ? [] : [{ ...patternOf(template, this.multiSegment(described)), id: described.operationId, pointer: `/paths/${escape(template)}/${method}` }]
    ));
    this.patterns.set(method, known);
    return known;
  }

  private multiSegment({ parameters = [] }: DescribedOperation): string[] {
    const known = parameters.map((parameter) => this.resolved<DescribedParameter>(parameter, '').value);
    return known.filter((parameter) => parameter['x-multi-segment']).map(({ name }) => name);
  }

  private parameterViolations(parameter: DescribedParameter, pointer: string, value: string | undefined): string[] {
    if (value === undefined) return parameter.required ? [`the ${parameter.in} parameter ${parameter.name} is missing`] : [];
    return explain(this.texts, `${pointer}/schema`, value).map((text) => `${parameter.in} parameter ${parameter.name} ${text}`);
  }

  private bodyViolations({ required }: { readonly required?: boolean }, { pointer }: Operation, body: unknown): string[] {
    if (body === undefined) return required ? ['the body is missing'] : [];
    return explain(this.bodies, `${pointer}/requestBody/content/${escape(JSON_TYPE)}/schema`, body);
  }

  private resolved<T>(value: T | Reference, pointer: string): { readonly value: T; readonly pointer: string } {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return { value: value as T, pointer };
    const target = value.$ref.slice(1);
    return { value: this.at<T>(target), pointer: target };
  }

  private at<T>(pointer: string): T {
    const keys = pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], this.description) as T;
  }
}

function explain(ajv: Ajv, pointer: string, value: unknown): string[] {
  // Braces of a path template are no URI
  const reference = `github#${pointer.split('/').map(encodeURIComponent).join('/')}`;
  const validate: ValidateFunction = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }: ErrorObject) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`);
}

/** A value in the path holds no slash, unless the description says that it may. */
function patternOf(template: string, multiSegment: string[]): PathPattern {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const pattern = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => (multiSegment.includes(name) ? '(.+)' : '([^/]+)'));
  return { names, pattern: new RegExp(`^${pattern}$`) };
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function read(file: string): Described {
  return JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as Described;
}

function merged(one: Described, other: Described): Described {
  const kinds = [...new Set([...Object.keys(one.components), ...Object.keys(other.components)])];
  const components = Object.fromEntries(kinds.map((kind) => [kind, { ...one.components[kind], ...other.components[kind] }]));
  return { ...one, paths: { ...one.paths, ...other.paths }, components };
}

/** GitHub ignores a misspelt property without a word; here it is a violation. */
function closeRequestBodies({ paths }: Described): void {
  for (const operation of Object.values(paths).flatMap((operations) => Object.values(operations))) {
    const schema = operation.requestBody?.content[JSON_TYPE]?.schema;
    if (schema?.properties) schema.additionalProperties ??= false;
  }
}

/** A nullable enumeration means null too, though the description does not list it; and what has no type of its own is one of several. */
function allowNullWhereSaid(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as { nullable?: unknown; enum?: unknown; type?: unknown; anyOf?: unknown };
  if (schema.nullable === true && schema.type === undefined) {
    const { nullable: _, ...rest } = schema;
    for (const key of Object.keys(schema)) delete (schema as Record<string, unknown>)[key];
    schema.anyOf = [rest, { type: 'null' }];
  }
  if (schema.nullable === true && Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum.push(null);
  Object.values(value).forEach(allowNullWhereSaid);
}
