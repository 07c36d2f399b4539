/** The conformance run, as `init` writes it into an empty repository, executed by the emulator: real bash, git, processes and HTTP. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { GithubActions, GithubActionsOptions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { freePorts } from '../free-ports';

export const PROGRAM = join(__dirname, '../../assets/conformance.cjs');
const REPOSITORY = 'acme/conformance';

export interface MeasuredRow {
  readonly id: string;
  readonly measured: string;
  readonly outcome: string;
}

export class EmulatedConformance {
  public static async start(options: Partial<GithubActionsOptions> = {}): Promise<EmulatedConformance> {
    const root = mkdtempSync(join(tmpdir(), 'conformance-'));
    const { port } = await freePorts();
    return new EmulatedConformance(root, port, await GithubStandIn.start({ repository: REPOSITORY }), options);
  }

  public readonly repository: string;
  private readonly actions: GithubActions;
  private readonly workflow: Workflow;

  private constructor(private readonly root: string, port: number, public readonly api: GithubStandIn, options: Partial<GithubActionsOptions>) {
    this.repository = join(root, 'repository');
    mkdirSync(this.repository);
    this.git('init', '--quiet', '--initial-branch=main');
    const { PATH, HOME } = process.env;
    execFileSync(process.execPath, [PROGRAM, 'init', '--port', String(port)], { cwd: this.repository, env: { PATH, HOME } });
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'chore: conformance');
    this.actions = new GithubActions({
      root, repository: this.repository, repositoryName: REPOSITORY, api, extraEnv: { CONFORMANCE_WAIT_SECONDS: '2' }, ...options,
    });
    const [conformance] = ['conformance.yml', 'deploy.yml', 'rollback.yml'].map((file) => this.actions.addWorkflow(
      file, parse(readFileSync(join(this.repository, '.github/workflows', file), 'utf8')) as Workflow,
    ));
    this.workflow = conformance;
  }

  /** A person starts the workflow. */
  public measure(...only: readonly string[]): Promise<RunRecord> {
    return this.actions.execute(this.workflow, { name: 'workflow_dispatch', ref: 'refs/heads/main', sha: this.git('rev-parse', 'HEAD'), inputs: { only: only.join(' ') } });
  }

  public git(...argv: string[]): string {
    return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...argv], { cwd: this.repository, encoding: 'utf8' }).trim();
  }

  public async stop(): Promise<void> {
    this.actions.cleanUp();
    await this.api.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The table of the job's summary. */
export function rowsOf(run: RunRecord): MeasuredRow[] {
  return [...run.jobs.measure.summary.matchAll(/^\| `([\w-]+)` \| .+ \| (.*) \| (?:\W+ )?([a-z ]+) \|$/gm)]
    .map(([, id, measured, outcome]) => ({ id, measured, outcome }));
}

export function withOutcome(rows: readonly MeasuredRow[], outcome: string): string[] {
  return rows.filter((row) => row.outcome === outcome).map(({ id }) => id);
}
