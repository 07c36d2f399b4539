import { RUNTIME_FILE } from '../../src/contract/manifest';
import { Step, StepReplacement, Workflow } from '../github-actions-emulator';

/** Actions that the emulator executes: they move what is deployed. */
const EXECUTED = /^actions\/(checkout|upload-artifact|download-artifact)@/;
/** Packs the files of a release, beside the runtime's own commands. */
const PACKS = '"$RUNNER_TEMP/release.tar"';

/** Builds the files of a release. */
const BUILDS = 'make';

export interface ReplacedStepsOptions {
  /** Whether the project's own build is executed. */
  readonly builds: boolean;
  /** Does something in the workspace of a job in place of a step: what it installs is there. */
  readonly inPlace?: (workspace: string) => void;
}

/** Decides which steps of the workflows are executed, and notes the others: builds, installations, sign-ins, actions of others. */
export class ReplacedSteps {
  private readonly names = new Map<string, Set<string>>();

  constructor(private readonly workflows: () => Iterable<Workflow>, private readonly options: ReplacedStepsOptions) {}

  public readonly replace = (job: string, step: Step): StepReplacement | undefined => {
    if ((isExecuted(step) && this.hasOurs(job)) || (this.options.builds && step.id === BUILDS)) return undefined;
    const what = step.uses ?? step.run!.trim().split('\n')[0]!;
    this.names.set(what, (this.names.get(what) ?? new Set()).add(job));
    return { line: `rehearsal: not executed: ${what}`, ...(this.options.inPlace && { act: this.options.inPlace }) };
  };

  /** What was not executed, with its jobs. */
  public get list(): readonly string[] {
    return [...this.names].map(([what, jobs]) => `${what.replace(/@[0-9a-f]{40}$/, '')} (${[...jobs].join(', ')})`);
  }

  /** A job without a step of the delivery needs no checkout either. */
  private hasOurs(job: string): boolean {
    return [...this.workflows()].some(({ jobs }) => jobs[job]?.steps?.some((step) => step.run !== undefined && isExecuted(step)));
  }
}

function isExecuted({ run, uses }: Step): boolean {
  return uses === undefined ? run!.includes(RUNTIME_FILE) || run!.includes(PACKS) : EXECUTED.test(uses);
}
