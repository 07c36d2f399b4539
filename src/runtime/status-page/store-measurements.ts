import { FolderShelf } from './folder-store';
import { lastPageRun } from './last-page';
import { Measured, MeasuredCheck } from './measurements';
import { DATA_FILE } from './published-files';
import { NO_DATA, readData, withMeasured, writeData } from './status-data';
import { besideLedger } from '../ci/open-alert-log';
import { Surroundings } from '../context';
import { LedgerError } from '../ledger/ledger';
import { Finding } from '../monitoring/environment-watch';
import { WatchReport } from '../monitoring/watch-report';

/** Hands on what a run of the watch measured: in CI to the step that writes the status page, on a laptop to a file beside the ledger. */
export async function keepMeasured(surroundings: Surroundings, report: WatchReport): Promise<void> {
  const { log, manifest, outputs, run } = surroundings;
  const measured = measuredOf(report, run);
  const page = manifest.monitoring?.statusPage;
  if (run.inCi) {
    if (page) outputs.set({ measured: JSON.stringify(measured) });
    if (page?.kind === 'artifact') outputs.set(await lastPage(surroundings, page.name));
    return;
  }
  try {
    const shelf = laptopShelf(surroundings);
    const known = readData((await shelf.read())?.data ?? '');
    if (known === 'newer') return;
    await shelf.write({ [DATA_FILE]: writeData(withMeasured(known ?? NO_DATA, measured, report.now)) });
  } catch (error) {
    log.warning('What was measured could not be kept', error instanceof Error ? error.message : String(error));
  }
}

/** What was measured on a laptop, and the page that it wrote. */
export function laptopShelf(surroundings: Pick<Surroundings, 'ledger' | 'manifest'>): FolderShelf {
  return new FolderShelf(besideLedger(surroundings, 'status'));
}

export function measuredOf({ environments, now }: WatchReport, run: Surroundings['run']): Measured {
  return {
    by: run.writer,
    at: now - (now % 1000),
    runUrl: run.url,
    environments: environments.map(({ alerts, environment, findings, stable }) => ({
      name: environment,
      ...(stable && { live: { version: stable.release.version, sha: stable.release.sha, since: stable.since } }),
      checks: findings.filter(({ asked }) => asked > 0).map(checkOf),
      firing: alerts.filter(({ phase }) => phase === 'firing').map(({ name }) => name),
      pending: alerts.filter(({ phase }) => phase === 'pending').map(({ name }) => name),
    })),
  };
}

function checkOf({ latencyMs, name, outcome }: Finding): MeasuredCheck {
  const mark = outcome === 'healthy' ? 'healthy' : outcome === 'blind' || outcome === 'unasked' ? 'blind' : 'bad';
  return { name, mark, ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs) }) };
}

/** Empty where there is none yet, or nobody knows: the page is then begun anew. */
async function lastPage(surroundings: Surroundings, artifact: string): Promise<Record<string, string>> {
  try {
    const last = await lastPageRun(surroundings, artifact);
    return { page_run: String(last?.runId ?? ''), page_artifact: String(last?.artifactId ?? '') };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    surroundings.log.warning('The last status page was not found', `What was measured before is not on the next one. ${error.message}`);
    return { page_run: '', page_artifact: '' };
  }
}
