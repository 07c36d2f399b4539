import { randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Fault, FaultScript, Misbehaviour } from './faults';
import { Rendering } from './rendering';
import { BOT, NewDeployment, NewStatus, Repository, StoredArtifact, StoredDeployment, StoredStatus, ValidationFailed } from './repository';
import { GithubSpecification, WireRequest } from './specification';

export interface GithubStandInOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: () => number;
  /** Requests an hour, over all tokens. @default 1000, as GITHUB_TOKEN has */
  readonly rateLimit?: number;
}

/** What a job's `permissions:` grant its token. */
export type Permissions = Partial<Record<'actions' | 'contents' | 'deployments' | 'issues', 'read' | 'write'>>;

/** In which order a list is answered; GitHub promises none. */
export type ListOrder = 'newestFirst' | 'oldestFirst' | 'scrambled';

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body?: unknown;
  /** Undefined where no answer was given. */
  status?: number;
  /** Who asked; undefined for an unknown token. */
  readonly login?: string;
  readonly misbehaviour?: Misbehaviour['kind'];
}

interface Caller {
  readonly login: string;
  readonly permissions: Permissions;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Call {
  readonly request: WireRequest;
  readonly caller: Caller;
  readonly parameters: Record<string, string>;
}

type Handler = (call: Call) => Answer;

/**
 * A stateful stand-in for the GitHub API on loopback. Every request and every answer is checked
 * against GitHub's OpenAPI description: a test ends with `expect(github.violations).toEqual([])`.
 */
export class GithubStandIn {
  public static async start(options: GithubStandInOptions): Promise<GithubStandIn> {
    const standIn = new GithubStandIn(options, GithubSpecification.load());
    await new Promise<void>((resolve) => standIn.server.listen(0, '127.0.0.1', resolve));
    standIn.port = (standIn.server.address() as AddressInfo).port;
    return standIn;
  }

  /** Everything that was asked, in order. */
  public readonly requests: LoggedRequest[] = [];
  /** What GitHub's description does not allow, asked or answered, and faults of the stand-in itself. */
  public readonly violations: string[] = [];
  /** @default 'newestFirst' */
  public listOrder: ListOrder = 'newestFirst';
  /** How many reads do not show a write yet. @default 0 */
  public readLag = 0;
  /** Payloads are answered as JSON text, as GitHub does for some clients. @default false */
  public payloadAsText = false;

  private readonly repository: Repository;
  private readonly tokens = new Map<string, Caller>();
  private readonly faults = new FaultScript();
  private readonly heldBack: (() => void)[] = [];
  private readonly unseen = new Map<object, number>();
  private readonly server: Server;
  private readonly handlers: Record<string, Handler>;
  private used = 0;
  private port = 0;

  private constructor(private readonly options: GithubStandInOptions, private readonly specification: GithubSpecification) {
    this.repository = new Repository(this.now);
    this.server = createServer((message, response) => {
      this.serve(message, response).catch((error: unknown) => {
        this.violations.push(`the stand-in failed: ${String(error)}`);
        response.destroy();
      });
    });
    this.handlers = this.operations();
  }

  /** For GITHUB_API_URL. */
  public get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Scripted faults that nothing has run into yet. */
  public get unusedFaults(): number {
    return this.faults.unused;
  }

  /** A token for GITHUB_TOKEN, of a job with these permissions (or of a person: another `login`). */
  public token(permissions: Permissions = {}, login: string = BOT): string {
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    this.tokens.set(token, { login, permissions });
    return token;
  }

  /** What is recorded, newest first; each with its statuses, oldest first. */
  public deployments(environment?: string): readonly StoredDeployment[] {
    return this.repository.deployments.filter((deployment) => !environment || deployment.environment === environment).reverse();
  }

  /** Records a deployment without a request: what was there before, or what others made. */
  public addDeployment(deployment: NewDeployment, ...statuses: NewStatus[]): StoredDeployment {
    const stored = this.repository.createDeployment(deployment);
    statuses.forEach((status) => this.repository.createStatus(stored, status));
    return stored;
  }

  public addStatus(deploymentId: number, status: NewStatus): StoredStatus {
    const deployment = this.repository.deployments.find(({ id }) => id === deploymentId);
    if (!deployment) throw new Error(`no deployment ${deploymentId}`);
    return this.repository.createStatus(deployment, status);
  }

  /** A tag or branch that deployments may name; a 40-digit sha is always known. */
  public addRef(name: string, sha: string): void {
    this.repository.refs.set(name, sha);
  }

  public addEnvironment(name: string): void {
    this.repository.addEnvironment(name);
  }

  /** As upload-artifact does. `bytes` is the size, `digest` that of the uploaded archive. */
  public addArtifact(artifact: { readonly runId: number; readonly name: string; readonly bytes?: number; readonly digest?: string }): StoredArtifact {
    return this.repository.addArtifact(artifact);
  }

  /** Retention has passed. */
  public expireArtifact(id: number): void {
    const artifact = this.repository.artifacts.find((candidate) => candidate.id === id);
    if (!artifact) throw new Error(`no artifact ${id}`);
    artifact.expired = true;
  }

  public artifact(id: number): StoredArtifact | undefined {
    return this.repository.artifacts.find((candidate) => candidate.id === id);
  }

  /** The next matching requests go wrong. */
  public fail(fault: Fault): void {
    this.faults.add(fault);
  }

  public clearFaults(): void {
    this.faults.clear();
  }

  /** Applies now what `applyLate` held back. */
  public applyHeldBack(): void {
    this.heldBack.splice(0).forEach((apply) => apply());
  }

  public async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private readonly now = (): number => (this.options.now ?? Date.now)();

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(message);
    const caller = this.callerOf(request);
    const misbehaviour = this.faults.for(request);
    const { method, path, query, body } = request;
    const logged: LoggedRequest = { method, path, query, body, login: caller?.login, misbehaviour: misbehaviour?.kind };
    this.requests.push(logged);
    this.used += 1;

    switch (misbehaviour?.kind) {
      case 'reset':
        message.socket.resetAndDestroy();
        return;
      case 'hang':
        return;
      case 'applyLate':
        this.heldBack.push(() => this.answer(request, caller));
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('<html>Unicorn!');
        return;
      case 'status':
        logged.status = misbehaviour.status;
        this.send(response, {
          status: misbehaviour.status,
          body: misbehaviour.body ?? { message: 'scripted fault' },
          headers: misbehaviour.headers,
        });
        return;
      case 'dropReply':
        this.answer(request, caller);
        message.socket.resetAndDestroy();
        return;
      case 'delay': {
        const late = this.answer(request, caller);
        setTimeout(() => this.send(response, late), misbehaviour.ms).unref();
        return;
      }
      default: {
        const answer = this.answer(request, caller);
        logged.status = answer.status;
        this.send(response, answer);
      }
    }
  }

  /** Checks, applies and checks again: what GitHub would do with this request. */
  private answer(request: WireRequest, caller: Caller | undefined): Answer {
    const operation = this.specification.operation(request);
    if (!operation) {
      this.violations.push(`request ${request.method} ${request.path}: GitHub's description (as cut out) has no such operation`);
      return problem(404, 'Not Found');
    }
    this.violations.push(...this.specification.requestViolations(request, operation));
    const handler = this.handlers[operation.id];
    if (!handler) {
      this.violations.push(`request ${request.method} ${request.path}: the stand-in does not implement ${operation.id}`);
      return problem(501, 'Not implemented in the stand-in');
    }
    const { parameters } = operation;
    const answer = this.admit(request, caller, operation.id, parameters) ?? run(handler, { request, caller: caller!, parameters });
    this.violations.push(...this.specification.responseViolations(request, operation, answer.status, answer.body));
    return answer;
  }

  /** Who may not ask gets this answer. */
  private admit(request: WireRequest, caller: Caller | undefined, operationId: string, parameters: Record<string, string>): Answer | undefined {
    if (!caller) return problem(401, 'Bad credentials');
    if (this.used > this.limit) return problem(403, 'API rate limit exceeded for installation.');
    if (`${parameters.owner}/${parameters.repo}` !== this.options.repository) return problem(404, 'Not Found');
    const scope = operationId.startsWith('actions/') || operationId.includes('environment') ? 'actions' : 'deployments';
    const granted = caller.permissions[scope];
    const sufficient = granted === 'write' || (granted === 'read' && request.method === 'GET');
    return sufficient ? undefined : problem(403, 'Resource not accessible by integration');
  }

  private operations(): Record<string, Handler> {
    return {
      'repos/list-deployments': (call) => this.listDeployments(call),
      'repos/create-deployment': (call) => this.createDeployment(call),
      'repos/get-deployment': ({ parameters }) => this.withDeployment(parameters, (deployment) => ({ status: 200, body: this.render(deployment) })),
      'repos/list-deployment-statuses': (call) => this.withDeployment(call.parameters, (deployment) => this.page(
        call.request,
        this.inListOrder(deployment.statuses.filter((status) => this.isSeen(status))).map((status) => this.rendering.status(deployment, status)),
        (page) => page,
      )),
      'repos/create-deployment-status': (call) => this.withDeployment(call.parameters, (deployment) => this.createStatus(call, deployment)),
      'repos/get-all-environments': ({ request }) => this.page(
        request,
        this.repository.environments.map((name) => this.rendering.environment(name)),
        (environments, total) => ({ total_count: total, environments }),
      ),
      'repos/get-environment': ({ parameters }) => (this.repository.environments.includes(parameters.environment_name)
        ? { status: 200, body: this.rendering.environment(parameters.environment_name) }
        : problem(404, 'Not Found')),
      'actions/get-artifact': ({ parameters }) => {
        const artifact = this.artifact(Number(parameters.artifact_id));
        return artifact ? { status: 200, body: this.rendering.artifact(artifact) } : problem(404, 'Not Found');
      },
      'actions/list-workflow-run-artifacts': ({ request, parameters }) => this.page(
        request,
        this.repository.artifacts
          .filter(({ runId, name }) => runId === Number(parameters.run_id) && (!request.query.name || request.query.name === name))
          .map((artifact) => this.rendering.artifact(artifact)),
        (artifacts, total) => ({ total_count: total, artifacts }),
      ),
    };
  }

  private listDeployments({ request }: Call): Answer {
    const { environment, task, sha, ref } = request.query;
    const matching = this.repository.deployments.filter((deployment) =>
      this.isSeen(deployment)
      && (!environment || deployment.environment === environment)
      && (!task || deployment.task === task)
      && (!sha || deployment.sha === sha)
      && (!ref || deployment.ref === ref));
    return this.page(request, this.inListOrder(matching).map((deployment) => this.render(deployment)), (page) => page);
  }

  private createDeployment({ request, caller }: Call): Answer {
    const body = request.body as {
      ref: string;
      task?: string;
      environment?: string;
      payload?: Record<string, unknown> | string;
      description?: string | null;
      transient_environment?: boolean;
      production_environment?: boolean;
    };
    const deployment = this.repository.createDeployment({
      ref: body.ref,
      task: body.task,
      environment: body.environment ?? 'production',
      payload: body.payload,
      description: body.description,
      creator: caller.login,
      transient: body.transient_environment,
      production: body.production_environment,
    });
    this.hideFor(deployment);
    return { status: 201, body: this.render(deployment) };
  }

  private createStatus({ request, caller }: Call, deployment: StoredDeployment): Answer {
    const body = request.body as {
      state: NewStatus['state'];
      description?: string;
      log_url?: string;
      target_url?: string;
      environment_url?: string;
      auto_inactive?: boolean;
    };
    const status = this.repository.createStatus(deployment, {
      state: body.state,
      description: body.description,
      logUrl: body.log_url ?? body.target_url,
      environmentUrl: body.environment_url,
      autoInactive: body.auto_inactive,
      creator: caller.login,
    });
    this.hideFor(status);
    return { status: 201, body: this.rendering.status(deployment, status) };
  }

  private withDeployment(parameters: Record<string, string>, answer: (deployment: StoredDeployment) => Answer): Answer {
    const deployment = this.repository.deployments.find(({ id }) => id === Number(parameters.deployment_id));
    return deployment ? answer(deployment) : problem(404, 'Not Found');
  }

  private page<T>(request: WireRequest, all: T[], envelope: (page: T[], total: number) => unknown): Answer {
    const size = Math.min(Math.max(Number(request.query.per_page ?? 30), 1), 100);
    const number = Math.max(Number(request.query.page ?? 1), 1);
    const last = Math.max(Math.ceil(all.length / size), 1);
    const link = (page: number, rel: string) =>
      `<${this.url}${request.path}?${new URLSearchParams({ ...request.query, page: String(page) }).toString()}>; rel="${rel}"`;
    const links = [
      ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
      ...(number > 1 ? [link(1, 'first'), link(number - 1, 'prev')] : []),
    ];
    return {
      status: 200,
      body: envelope(all.slice((number - 1) * size, number * size), all.length),
      headers: links.length > 0 ? { link: links.join(', ') } : undefined,
    };
  }

  private inListOrder<T extends { readonly id: number }>(oldestFirst: readonly T[]): T[] {
    switch (this.listOrder) {
      case 'newestFirst': return [...oldestFirst].reverse();
      case 'oldestFirst': return [...oldestFirst];
      // the same in every page: a list is scrambled, not a page
      case 'scrambled': return [...oldestFirst].sort((a, b) => ((a.id * 7919) % 1009) - ((b.id * 7919) % 1009) || a.id - b.id);
    }
  }

  private hideFor(written: object): void {
    if (this.readLag > 0) this.unseen.set(written, this.readLag);
  }

  private isSeen(written: object): boolean {
    const left = this.unseen.get(written) ?? 0;
    if (left === 0) return true;
    this.unseen.set(written, left - 1);
    return false;
  }

  private render(deployment: StoredDeployment): Record<string, unknown> {
    const rendered = this.rendering.deployment(deployment);
    return this.payloadAsText ? { ...rendered, payload: JSON.stringify(deployment.payload) } : rendered;
  }

  private callerOf(request: WireRequest): Caller | undefined {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    return /^(bearer|token)$/i.test(scheme) ? this.tokens.get(token) : undefined;
  }

  private send(response: ServerResponse, answer: Answer): void {
    const body = answer.body === undefined ? undefined : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(Math.max(this.limit - this.used, 0)),
      'x-ratelimit-reset': String(Math.ceil(this.now() / 1000) + 3600),
      ...answer.headers,
    });
    response.end(body);
  }

  private get limit(): number {
    return this.options.rateLimit ?? 1000;
  }

  private get rendering(): Rendering {
    return new Rendering(this.url, this.options.repository);
  }
}

function run(handler: Handler, call: Call): Answer {
  try {
    return handler(call);
  } catch (error) {
    if (!(error instanceof ValidationFailed)) throw error;
    return {
      status: 422,
      body: {
        message: 'Validation Failed',
        errors: [{ resource: error.resource, field: error.field, code: 'custom', message: error.message }],
        documentation_url: 'https://docs.github.com/rest',
      },
    };
  }
}

function problem(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

async function read(message: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(message.url ?? '/', 'http://127.0.0.1');
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers,
    body: text ? parsed(text) : undefined,
  };
}

/** What is no JSON stays text, and is then a violation. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
