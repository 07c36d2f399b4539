import { randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { artifactOperations } from './artifact-operations';
import { ArtifactStorage } from './artifact-storage';
import { DeploymentOperations } from './deployment-operations';
import { Fault, FaultScript, Misbehaviour } from './faults';
import { gitDataOperations } from './git-data-operations';
import { GitObjects } from './git-objects';
import { GitOperations } from './git-operations';
import { GitReferences, StoredReference } from './git-references';
import { IssueOperations, NewIssue, StoredComment, StoredIssue } from './issue-operations';
import { Listing, ListOrder } from './listing';
import { Pages } from './pages-operations';
import { ReleaseOperations, StoredRelease } from './release-operations';
import { Rendering } from './rendering';
import { BOT, NewArtifact, NewDeployment, NewStatus, Protection, Repository, StoredArtifact, StoredDeployment, StoredStatus } from './repository';
import { fullRepository } from './repository-rendering';
import { ApiResponse, responseTo, Call, Caller, ok, Operations, Permissions, problem, RejectedRequest } from './response';
import { Dispatch, RunOperations } from './run-operations';
import { RunRendering } from './run-rendering';
import { GithubSpecification, WireRequest } from './specification';
import { RunChange, StoredRun, WorkflowRuns } from './workflow-runs';

export { RejectedRequest, type Permissions } from './response';
export type { ListOrder } from './listing';
export type { StoredRelease } from './release-operations';
export type { StoredComment, StoredIssue } from './issue-operations';
export type { Dispatch } from './run-operations';
export type { JobChange, RunChange, RunConclusion, RunStatus, StoredJob, StoredRun } from './workflow-runs';

export interface GithubStandInOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: () => number;
  /** Requests an hour, over all tokens. @default 1000, as GITHUB_TOKEN has */
  readonly rateLimit?: number;
  /** @default 'main' */
  readonly defaultBranch?: string;
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body?: unknown;
  /** Undefined where there was no response. */
  status?: number;
  /** The requester; undefined for an unknown token. */
  readonly login?: string;
  readonly misbehaviour?: Misbehaviour['kind'];
}

/**
 * A stateful stand-in for the GitHub API on loopback. Every request and every response is checked
 * against GitHub's OpenAPI description: a test ends with `expect(github.violations).toEqual([])`.
 */
export class GithubStandIn {
  public static async start(options: GithubStandInOptions): Promise<GithubStandIn> {
    const standIn = new GithubStandIn(options, GithubSpecification.load());
    await new Promise<void>((resolve) => standIn.server.listen(0, '127.0.0.1', resolve));
    standIn.port = (standIn.server.address() as AddressInfo).port;
    await standIn.storage.start();
    return standIn;
  }

  /** All requests, in order. */
  public readonly requests: LoggedRequest[] = [];
  /** Requests and responses that violate GitHub's description, and faults of the stand-in itself. */
  public readonly violations: string[] = [];
  /** Payloads are returned as JSON text, as GitHub does for some clients. @default false */
  public payloadAsText = false;
  /** Whether a dispatch may return its run; older GitHub Enterprise servers never do. @default true */
  public knowsRunDetails = true;
  /** A request is held back. */
  public onHold?: () => void;
  /** A request gets no response: the client may give up. */
  public onSilence?: () => void;
  /**
   * Starts the requested run, and returns its id. A thrown `Refused` becomes the response.
   *
   * @default - a run that stays queued, if the stand-in knows the ref
   */
  public onDispatch?: (dispatch: Dispatch) => number;
  /** Cancels a run; what it throws as `RejectedRequest` is the response. @default - the run is completed at once */
  public onCancel?: (runId: number) => void;
  /** Begins another attempt of a run; what it throws as `RejectedRequest` is the response. @default - the next attempt stays queued */
  public onRerun?: (runId: number, which: 'failed' | 'all') => void;
  /**
   * A release has made this tag: where git itself is to have it, too.
   *
   * @default - only the stand-in knows it
   */
  public onTag?: (name: string, sha: string) => void;

  /** Where the bytes of artifacts are. */
  public readonly storage: ArtifactStorage = new ArtifactStorage({
    now: () => this.now(), contentOf: (id) => this.artifact(id)?.content?.(), violations: this.violations,
  });

  /** The site of the repository. */
  public readonly pages = new Pages({ apiUrl: () => this.url, repository: () => this.options.repository, timestamp: () => this.timestamp() });

  private readonly listing = new Listing(() => this.url, () => this.now());
  private readonly issueOperations: IssueOperations;
  private readonly references = new GitReferences(this.listing);
  private readonly objects = new GitObjects();
  private readonly repository = new Repository(() => this.timestamp(), (ref) => this.references.commitOf(ref));
  private readonly runs = new WorkflowRuns(() => this.timestamp());
  private readonly tokens = new Map<string, Caller>();
  private readonly faults = new FaultScript();
  private readonly heldBack: (() => void)[] = [];
  private readonly server: Server;
  private readonly releaseOperations: ReleaseOperations;
  private readonly handlers: Operations;
  private used = 0;
  private port = 0;

  private constructor(private readonly options: GithubStandInOptions, private readonly specification: GithubSpecification) {
    this.server = createServer((message, response) => {
      this.serve(message, response).catch((error: unknown) => {
        this.violations.push(`the stand-in failed: ${String(error)}`);
        response.destroy();
      });
    });
    this.releaseOperations = new ReleaseOperations({
      references: this.references,
      listing: this.listing,
      defaultBranch: this.defaultBranch,
      apiUrl: () => this.url,
      repository: options.repository,
      timestamp: () => this.timestamp(),
      onTag: (name, sha) => this.onTag?.(name, sha),
    });
    this.issueOperations = new IssueOperations({
      listing: this.listing, timestamp: () => this.timestamp(), apiUrl: () => this.url, repository: this.options.repository,
    });
    this.handlers = this.operations();
  }

  /** @default 'newestFirst' */
  public set listOrder(order: ListOrder) {
    this.listing.order = order;
  }

  /** How many reads do not show a write yet. @default 0 */
  public set readLag(reads: number) {
    this.listing.readLag = reads;
  }

  /** For how long lists do not show a write yet, in milliseconds. @default 0 */
  public set lagMs(ms: number) {
    this.listing.lagMs = ms;
  }

  /** For how long a deployment that was created is answered with 404, in milliseconds. @default 0 */
  public set missingMs(ms: number) {
    this.listing.missingMs = ms;
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

  /** The permissions of a token; undefined for an unknown one. */
  public permissionsOf(token: string): Permissions | undefined {
    return this.tokens.get(token)?.permissions;
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

  /** Issues and pull requests, oldest first. */
  public get issues(): readonly StoredIssue[] {
    return this.issueOperations.issues;
  }

  /** An issue of another user. */
  public addIssue(issue: NewIssue): StoredIssue {
    return this.issueOperations.add(issue);
  }

  /** A comment that others wrote on an issue or a pull request. */
  public addComment(number: number, body: string, creator: string): StoredComment {
    return this.issueOperations.addComment(number, body, creator);
  }

  /** The names of the labels. */
  public get labels(): ReadonlySet<string> {
    return this.issueOperations.labels;
  }

  /** A branch or tag, `refs/heads/main`; without `refs/` a tag. A 40-digit sha is always known. */
  public addRef(name: string, sha: string): void {
    this.references.set(name.startsWith('refs/') ? name : `refs/tags/${name}`, sha);
  }

  /** A commit that a branch may be moved to without force from its parent. */
  public addCommit(sha: string, parent: string): void {
    this.references.addCommit(sha, parent);
  }

  /** When a commit that others made was made. */
  public setCommit(sha: string, date: string): void {
    this.objects.setCommit(sha, date);
  }

  /** The references as they are, by name. */
  public refs(): readonly StoredReference[] {
    return this.references.all();
  }

  /** What was released, in that order. */
  public releases(): readonly StoredRelease[] {
    return this.releaseOperations.releases;
  }

  /**
   * A workflow that can be dispatched: its file's name, and what it calls itself.
   *
   * @param inputs the names of the inputs that it declares: another one is rejected. By default the starter of its runs checks them
   */
  public addWorkflow(file: string, name: string, inputs?: readonly string[]): void {
    this.runs.addWorkflow(file, name, inputs);
  }

  /**
   * What is to be known of a run from now on; what is not said stays. A run that is new is queued, of a push to main by deploy.yml;
   * a later attempt is queued again. Jobs are known by their names.
   */
  public setRun(id: number, change: RunChange = {}): StoredRun {
    const isNew = this.runs.run(id) === undefined;
    const run = this.runs.set(id, change);
    if (isNew) this.listing.hide(run);
    return run;
  }

  public run(id: number): StoredRun | undefined {
    return this.runs.run(id);
  }

  /** Those of a workflow, oldest first. */
  public runsOf(file: string): readonly StoredRun[] {
    return this.runs.runsOf(this.runs.workflow(file)!);
  }

  /** A person deletes a run, which GitHub allows once it is over. */
  public deleteRun(id: number): void {
    this.setRun(id, { status: 'completed', conclusion: this.run(id)?.conclusion ?? 'failure' });
    this.runs.delete(id);
  }

  /** @param protection the rules of a person @default - none */
  public addEnvironment(name: string, protection?: Protection): void {
    this.repository.addEnvironment(name, protection);
  }

  /** As upload-artifact does: there may be several of one name, and a later one may have the lower id. */
  public addArtifact(artifact: NewArtifact): StoredArtifact {
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

  /** Applies now what `applyLate` and `hold` held back. */
  public applyHeldBack(): void {
    this.heldBack.splice(0).forEach((apply) => apply());
  }

  public async stop(): Promise<void> {
    await this.storage.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private readonly now = (): number => (this.options.now ?? Date.now)();

  /** GitHub's timestamps are whole seconds. */
  private timestamp(): string {
    return new Date(this.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  private queue({ workflow, ref, actor }: Dispatch): number {
    const headSha = this.references.commitOf(ref) ?? (ref === this.defaultBranch ? '0'.repeat(40) : undefined);
    if (!headSha) throw new RejectedRequest(422, `No ref found for: ${ref}`);
    const id = this.runs.nextRunId();
    this.setRun(id, { path: workflow, event: 'workflow_dispatch', headBranch: ref, headSha, actor });
    return id;
  }

  private cancelRun(runId: number): void {
    if (this.run(runId)!.status === 'completed') throw new RejectedRequest(409, 'Cannot cancel a workflow run that is completed.');
    this.setRun(runId, { status: 'completed', conclusion: 'cancelled' });
  }

  private queueAgain(runId: number): void {
    const { attempt, status } = this.run(runId)!;
    if (status !== 'completed') throw new RejectedRequest(403, 'This workflow is already running');
    this.setRun(runId, { attempt: attempt + 1 });
  }

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
        this.onSilence?.();
        return;
      case 'applyUnheard':
        this.respond(request, caller);
        this.onSilence?.();
        return;
      case 'applyLate':
        this.heldBack.push(() => this.respond(request, caller));
        this.onSilence?.();
        return;
      case 'hold':
        this.heldBack.push(() => this.send(response, this.respond(request, caller)));
        this.onHold?.();
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
        this.respond(request, caller);
        message.socket.resetAndDestroy();
        return;
      case 'halfReply': {
        const whole = JSON.stringify(this.respond(request, caller).body) ?? '';
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': whole.length + 1 });
        response.write(whole.slice(0, whole.length / 2), () => message.socket.resetAndDestroy());
        return;
      }
      case 'delay': {
        const late = this.respond(request, caller);
        setTimeout(() => this.send(response, late), misbehaviour.ms).unref();
        return;
      }
      default: {
        const result = this.respond(request, caller);
        logged.status = result.status;
        this.send(response, result);
      }
    }
  }

  /** Checks, applies and checks again: what GitHub would do with this request. */
  private respond(request: WireRequest, caller: Caller | undefined): ApiResponse {
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
    const result = this.admit(request, caller, operation.id, parameters) ?? perform(handler, { request, caller: caller!, parameters });
    this.violations.push(...this.specification.responseViolations(request, operation, result.status, result.body));
    return result;
  }

  /** Who may not send the request gets this response. */
  private admit(request: WireRequest, caller: Caller | undefined, operationId: string, parameters: Record<string, string>): ApiResponse | undefined {
    if (!caller) return problem(401, 'Bad credentials');
    if (this.used > this.limit) return problem(403, 'API rate limit exceeded for installation.');
    if (`${parameters.owner}/${parameters.repo}` !== this.options.repository) return problem(404, 'Not Found');
    const scope = scopeOf(operationId);
    const scopes = scope === 'issues' && this.issueOperations.isAboutPullRequest(parameters) ? [scope, 'pull-requests'] as const : [scope];
    const isGranted = (granted: 'read' | 'write' | undefined) => granted === 'write' || (granted === 'read' && request.method === 'GET');
    const isSufficient = scopes.some((one) => isGranted(one === 'metadata' ? 'read' : caller.permissions[one]));
    return isSufficient ? undefined : problem(403, 'Resource not accessible by integration');
  }

  private operations(): Operations {
    const { repository, runs, references, listing } = this;
    const rendering = () => new Rendering(this.url, this.options.repository);
    return {
      'repos/get': () => ok(fullRepository(this.url, this.options.repository, this.defaultBranch)),
      ...new DeploymentOperations({ repository, listing, rendering, payloadAsText: () => this.payloadAsText }).operations(),
      ...artifactOperations(repository, listing, rendering, this.storage),
      ...this.issueOperations.operations(),
      ...new RunOperations({
        runs,
        listing,
        rendering: () => new RunRendering(this.url, this.options.repository),
        dispatch: (dispatch) => (this.onDispatch ? this.onDispatch(dispatch) : this.queue(dispatch)),
        cancel: (runId) => (this.onCancel ? this.onCancel(runId) : this.cancelRun(runId)),
        rerun: (runId, which) => (this.onRerun ? this.onRerun(runId, which) : this.queueAgain(runId)),
        knowsRunDetails: () => this.knowsRunDetails,
      }).operations(),
      ...new GitOperations({
        references, repositoryUrl: () => `${this.url}/repos/${this.options.repository}`, timestamp: () => this.timestamp(),
      }).operations(),
      ...this.pages.operations(),
      ...this.releaseOperations.operations(),
      ...gitDataOperations({
        objects: this.objects, references, repositoryUrl: () => `${this.url}/repos/${this.options.repository}`, timestamp: () => this.timestamp(),
      }),
    };
  }

  private callerOf(request: WireRequest): Caller | undefined {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    return /^(bearer|token)$/i.test(scheme) ? this.tokens.get(token) : undefined;
  }

  private send(response: ServerResponse, result: ApiResponse): void {
    const body = result.body === undefined ? undefined : JSON.stringify(result.body);
    response.writeHead(result.status, {
      'content-type': 'application/json; charset=utf-8',
      'date': new Date(this.now()).toUTCString(),
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(Math.max(this.limit - this.used, 0)),
      'x-ratelimit-reset': String(Math.ceil(this.now() / 1000) + 3600),
      ...result.headers,
    });
    response.end(body);
  }

  private get limit(): number {
    return this.options.rateLimit ?? 1000;
  }

  private get defaultBranch(): string {
    return this.options.defaultBranch ?? 'main';
  }
}

function perform(handler: (call: Call) => ApiResponse, call: Call): ApiResponse {
  try {
    return handler(call);
  } catch (error) {
    return responseTo(error);
  }
}

/** What a token needs for an operation; `metadata` every token has. */
function scopeOf(operationId: string): 'actions' | 'contents' | 'deployments' | 'issues' | 'metadata' | 'pages' {
  if (operationId.startsWith('issues/')) return 'issues';
  if (operationId === 'repos/get') return 'metadata';
  if (operationId.includes('pages')) return 'pages';
  if (operationId.startsWith('git/') || /^repos\/.*release/.test(operationId)) return 'contents';
  return operationId.startsWith('actions/') || operationId.includes('environment') ? 'actions' : 'deployments';
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
