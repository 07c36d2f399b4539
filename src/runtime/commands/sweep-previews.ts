import { createHash } from 'node:crypto';
import { Command } from './command';
import { ExitCode } from '../../contract/command-line';
import { Manifest, pullRequestOfPreview, workflowFileOf } from '../../contract/manifest';
import { INPUT, PREVIEW_ACTION } from '../../contract/workflows';
import { CiDispatch } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { whyDue } from '../previews/due';
import { DELIVERY } from '../reporting/command-line';

/** Starts the removal of each preview that has expired, or whose removal was missed. It changes nothing itself. */
export const sweepPreviews: Command = {
  name: 'sweep-previews',
  summary: 'start the removal of each preview that is left over (the schedule of preview.yml does)',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} sweep-previews`],

  run: async (all) => {
    const [context] = all as [RuntimeContext];
    const { ci: { dispatch, pullRequests }, clock, ledger, log, manifest } = context;
    const file = workflowFileOf('preview', manifest);
    if (!dispatch || !pullRequests || !manifest.previews) throw new ConfigurationError(`previews are swept by the workflow ${file}`);
    let code: ExitCode = 0;
    for (const [number, name] of await previewsOf(ledger)) {
      const why = whyDue(manifest.previews, await ledger.records(name), await pullRequests.find(number), clock.now());
      if (why === undefined) continue;
      try {
        log.notice(`${name}: its removal was started, because ${why}`, await start(dispatch, context, number));
      } catch (error) {
        log.error(`${name}: its removal could not be started`, error instanceof Error ? error.message : String(error));
        code = 1;
      }
    }
    return code;
  },
};

/** The previews among the newest records, by the number of the pull request. */
async function previewsOf(ledger: RuntimeContext['ledger']): Promise<ReadonlyMap<number, string>> {
  const { streams } = await ledger.eventLog.streams({ topic: 'deployment' });
  return new Map(streams.flatMap(({ environment }) => {
    const number = pullRequestOfPreview(environment);
    return number === undefined ? [] : [[number, environment] as const];
  }));
}

/** Returns the page of the run. A repeated run of the sweep does not start it a second time. */
async function start(dispatch: CiDispatch, { manifest, run }: { readonly manifest: Manifest; readonly run: RuntimeContext['run'] }, number: number): Promise<string> {
  const workflow = workflowFileOf('preview', manifest);
  const request = createHash('sha256').update(`${manifest.project?.name ?? ''}:preview-${number}:${run.id}`).digest('hex').slice(0, 12);
  const begun = (await dispatch.started(workflow)).find(({ title }) => title.includes(request));
  if (begun) return begun.url;
  const inputs = { [INPUT.ACTION]: PREVIEW_ACTION.REMOVE_IF_DUE, [INPUT.PULL_REQUEST]: String(number), [INPUT.REQUEST]: request };
  const { url } = await dispatch.start({ workflow, ref: run.ref?.name ?? 'main', inputs, request });
  return url;
}
