import { MeasuredId } from '../assumptions';
import { Github } from '../github';
import { Runs } from '../runs';
import { Findings } from '../table';

/** What every measurement works with. */
export interface Context {
  readonly github: Github;
  readonly runs: Runs;
  readonly env: NodeJS.ProcessEnv;
  /** The commit and the branch that the workflow was started on. */
  readonly sha: string;
  readonly branch: string;
  readonly runId: number;
  /** In the names of everything temporary: unlike that of any other attempt. */
  readonly token: string;
}

/** Some assumptions that are measured together. */
export interface Measurement {
  readonly ids: readonly MeasuredId[];
  measure(context: Context): Promise<Findings>;
}
