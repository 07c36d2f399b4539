import { Surroundings } from '../context';
import { AlertBook } from '../monitoring/alert-log';
import { GithubAlertBook } from './github/alert-log';
import { GithubApi } from './github/api';
import { FileAlertBook } from './local/alert-log';

/** Where alerts are kept: as the ledger, GitHub's in its runs, else a file beside it. */
export type OpenAlertBook =
  | { readonly kind: 'github'; readonly book: AlertBook; readonly api: GithubApi }
  /** Whoever writes it holds the watch's lock. */
  | { readonly kind: 'file'; readonly book: FileAlertBook; readonly path: string };

export function openAlertBook(surroundings: Surroundings): OpenAlertBook {
  const { clock, manifest, processEnv, run } = surroundings;
  const api = surroundings.api();
  if (api && !processEnv.DELIVERY_LEDGER) {
    const { sha, writer } = run;
    const book = new GithubAlertBook({ api, project: manifest.project?.name, serverUrl: processEnv.GITHUB_SERVER_URL, sha, writer });
    return { kind: 'github', book, api };
  }
  const path = besideLedger(surroundings, 'alerts');
  return { kind: 'file', book: new FileAlertBook({ path, clock, writer: run.writer }), path };
}

/** What a laptop keeps besides: it belongs to a ledger and to a project. */
export function besideLedger({ ledger, manifest }: Pick<Surroundings, 'ledger' | 'manifest'>, what: string): string {
  return `${ledger.place}${manifest.project ? `.${manifest.project.name}` : ''}.${what}`;
}
