import { Measurements, CheckMeasurement } from './measurements';
import { FolderPageStore } from './page-stores';
import { DATA_FILE } from './published-files';
import { NO_DATA, readData, withMeasured, writeData } from './status-data';
import { MEASURED, PAGE_ARTIFACT, PAGE_RUN } from '../../contract/outputs';
import { besideLedger } from '../ci/local/local-services';
import { RuntimeContext } from '../context';
import { EventLogError } from '../event-log/event-log';
import { Finding } from '../monitoring/environment-watch';
import { WatchReport } from '../monitoring/watch-report';

/** Stores what a run of the watch measured: in CI to the step that writes the status page, on a laptop to a file beside the ledger. */
export async function storeMeasurements(context: RuntimeContext, report: WatchReport): Promise<void> {
  const { log, manifest, outputs, run } = context;
  const measured = measuredOf(report, run);
  const page = manifest.monitoring?.statusPage;
  if (run.inCi) {
    if (page) outputs.set({ [MEASURED]: JSON.stringify(measured) });
    if (page?.kind === 'artifact') outputs.set(await lastPage(context, page.name));
    return;
  }
  try {
    const pageStore = laptopPageStore(context);
    const known = readData((await pageStore.read())?.data ?? '');
    if (known === 'newer') return;
    await pageStore.write({ [DATA_FILE]: writeData(withMeasured(known ?? NO_DATA, measured, report.now)) });
  } catch (error) {
    log.warning('What was measured could not be kept', error instanceof Error ? error.message : String(error));
  }
}

/** The measurements on a laptop, and its page. */
export function laptopPageStore(context: Pick<RuntimeContext, 'ledger' | 'manifest'>): FolderPageStore {
  return new FolderPageStore(besideLedger(context, 'status'));
}

function measuredOf({ environments, now }: WatchReport, run: RuntimeContext['run']): Measurements {
  return {
    by: run.processId,
    at: now - (now % 1000),
    runUrl: run.url,
    environments: environments.map(({ alerts, environment, findings, stable }) => ({
      name: environment,
      ...(stable && { live: { version: stable.release.version, sha: stable.release.sha, since: stable.since } }),
      checks: findings.filter(({ probeCount }) => probeCount > 0).map(checkOf),
      firing: alerts.filter(({ phase }) => phase === 'firing').map(({ name }) => name),
      pending: alerts.filter(({ phase }) => phase === 'pending').map(({ name }) => name),
    })),
  };
}

function checkOf({ latencyMs, name, outcome }: Finding): CheckMeasurement {
  const mark = outcome === 'healthy' ? 'healthy' : outcome === 'blind' || outcome === 'unprobed' ? 'blind' : 'bad';
  return { name, mark, ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs) }) };
}

/** Empty if there is none yet or it is unknown: a new page is started then. */
async function lastPage(context: RuntimeContext, artifact: string): Promise<Record<string, string>> {
  try {
    const last = await context.ci.artifacts.newest(context.manifest.monitoring!.workflow, artifact);
    return { [PAGE_RUN]: String(last?.runId ?? ''), [PAGE_ARTIFACT]: String(last?.artifactId ?? '') };
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    context.log.warning('The last status page was not found', `What was measured before is not on the next one. ${error.message}`);
    return { [PAGE_RUN]: '', [PAGE_ARTIFACT]: '' };
  }
}
