import { RuntimeContext } from '../context';
import { AlertLog } from '../monitoring/alert-log';
import { GithubAlertLog } from './github/alert-log';
import { GithubApi } from './github/api';
import { FileAlertLog } from './local/alert-log';

/** Where alerts are kept: as the ledger, GitHub's in its runs, else a file beside it. */
export type OpenAlertLog =
  | { readonly kind: 'github'; readonly alertLog: AlertLog; readonly api: GithubApi }
  /** Whoever writes it holds the watch's lock. */
  | { readonly kind: 'file'; readonly alertLog: FileAlertLog; readonly path: string };

export function openAlertLog(context: RuntimeContext): OpenAlertLog {
  const { clock, manifest, processEnv, run } = context;
  const api = context.api();
  if (api && !processEnv.DELIVERY_LEDGER) {
    const { sha, processId } = run;
    const alertLog = new GithubAlertLog({ api, project: manifest.project?.name, serverUrl: processEnv.GITHUB_SERVER_URL, sha, processId });
    return { kind: 'github', alertLog, api };
  }
  const path = besideLedger(context, 'alerts');
  return { kind: 'file', alertLog: new FileAlertLog({ path, clock, processId: run.processId }), path };
}

/** What a laptop keeps besides: it belongs to a ledger and to a project. */
export function besideLedger({ ledger, manifest }: Pick<RuntimeContext, 'ledger' | 'manifest'>, what: string): string {
  return `${ledger.place}${manifest.project ? `.${manifest.project.name}` : ''}.${what}`;
}
