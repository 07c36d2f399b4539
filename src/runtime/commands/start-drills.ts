import { createHash } from 'node:crypto';
import { Command, textOf } from './command';
import { ExitCode, OPTION } from '../../contract/command-line';
import { workflowFileOf } from '../../contract/manifest';
import { INPUT } from '../../contract/workflows';
import { CiDispatch } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { DELIVERY } from '../reporting/command-line';
import { safeLine } from '../reporting/untrusted-text';

/**
 * Starts the drills of a schedule, one run each. A repeated run does not start them a second time, because the name of a run contains its
 * request. If one run cannot be started, the others are started nevertheless.
 */
export const startDrills: Command = {
  name: 'start-drills',
  summary: 'start drill.yml once for each environment: the schedule of drill.yml does',
  environment: 'optional',
  changes: false,
  options: { [OPTION.ENVIRONMENTS]: { type: 'string', description: 'only these, separated by commas' } },
  examples: [`${DELIVERY} start-drills --environments staging,production`],

  run: async (all, given) => {
    const { dispatch } = all[0]!.ci;
    const file = workflowFileOf('drill', all[0]!.manifest);
    if (!dispatch) throw new ConfigurationError(`the drills are started by the workflow ${file}. From a laptop: gh workflow run ${file} --field environment=<name>`);
    let code: ExitCode = 0;
    for (const context of chosen(all, textOf(given, OPTION.ENVIRONMENTS))) {
      const { name } = context.environment;
      try {
        context.log.notice(`${name}: the drill was started`, await start(dispatch, context));
      } catch (error) {
        context.log.error(`${name}: the drill could not be started`, error instanceof Error ? error.message : String(error));
        code = 1;
      }
    }
    return code;
  },
};

function chosen(all: RuntimeContext[], names: string | undefined): RuntimeContext[] {
  const wanted = names?.split(',') ?? all.map(({ environment }) => environment.name);
  return wanted.map((name) => {
    const found = all.find(({ environment }) => environment.name === name);
    if (!found) throw new ConfigurationError(`there is no environment "${safeLine(name)}". There is: ${all.map(({ environment }) => environment.name).join(', ')}`);
    return found;
  });
}

/** The page of the run. */
async function start(dispatch: CiDispatch, { environment, manifest, run }: RuntimeContext): Promise<string> {
  const workflow = workflowFileOf('drill', manifest);
  const request = createHash('sha256').update(`${manifest.project?.name ?? ''}:${environment.name}:${run.id}`).digest('hex').slice(0, 12);
  const begun = (await dispatch.started(workflow)).find(({ title }) => title.includes(request));
  if (begun) return begun.url;
  const { url } = await dispatch.start({
    workflow,
    ref: run.ref?.name ?? 'main',
    inputs: { [INPUT.ENVIRONMENT]: environment.name, [INPUT.REQUEST]: request },
    request,
  });
  return url;
}
