import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, OpenAPIBackend, Operation } from 'openapi-backend';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

let loaded: Promise<GithubSpecification> | undefined;

/**
 * GitHub's own OpenAPI description, cut down to what we use: what it does not know is a violation,
 * whether a client asked for it or the stand-in answered with it.
 */
export class GithubSpecification {
  /** Once for all stand-ins of a process: its validators are compiled as they are needed, and kept. */
  public static load(): Promise<GithubSpecification> {
    loaded ??= GithubSpecification.read();
    return loaded;
  }

  private static async read(): Promise<GithubSpecification> {
    const definition = JSON.parse(readFileSync(join(__dirname, 'github-api.json'), 'utf8')) as Document;
    closeRequestBodies(definition);
    // quick: validators are compiled when first used; all of them would take a second
    const api = new OpenAPIBackend({ definition, quick: true, ajvOpts: { strict: false, validateFormats: false } });
    await api.init();
    return new GithubSpecification(api);
  }

  private constructor(private readonly api: OpenAPIBackend) {}

  public operation(request: WireRequest): Operation | undefined {
    return this.api.matchOperation(request);
  }

  /** The values of the path's parameters. */
  public parameters(request: WireRequest, operation: Operation): Record<string, string> {
    const parameters = this.api.router.parseRequest(request, operation).params as Record<string, string>;
    return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value)]));
  }

  public requestViolations(request: WireRequest, operation: Operation): string[] {
    const { errors } = this.api.validateRequest(request, operation);
    return (errors ?? []).map((error) => `request ${request.method} ${request.path}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }

  public responseViolations(request: WireRequest, operation: Operation, status: number, body: unknown): string[] {
    // The description leaves most errors out (401, rate limits, 5xx).
    if (!declares(operation, status)) return status >= 400 ? [] : [`response ${request.method} ${request.path}: ${status} is not described`];
    if (body === undefined) return [];
    const { errors } = this.api.validateResponse(body, operation, status);
    return (errors ?? []).map((error) => `response ${request.method} ${request.path} ${status}: ${error.instancePath} ${error.message}`);
  }
}

function declares(operation: Operation, status: number): boolean {
  return Object.keys(operation.responses ?? {}).includes(String(status));
}

/** GitHub ignores a misspelt property without a word; here it is a violation. */
function closeRequestBodies(definition: Document): void {
  for (const path of Object.values(definition.paths ?? {})) {
    for (const operation of Object.values(path ?? {}) as Operation[]) {
      const body = operation.requestBody;
      if (!body || '$ref' in body) continue;
      const schema = body.content['application/json']?.schema as { properties?: unknown; additionalProperties?: unknown } | undefined;
      if (schema?.properties && schema.additionalProperties === undefined) schema.additionalProperties = false;
    }
  }
}
