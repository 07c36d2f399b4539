import { PreviewContext } from './preview-context';
import { COMMENT } from '../../contract/outputs';
import { escapeMarkdown, inCode, link } from '../reporting/markdown';

export type PreviewVerdict = 'healthy' | 'unhealthy' | 'failed' | 'removed' | 'notRemoved';

const SIGNS: Record<PreviewVerdict, string> = { healthy: '✅', unhealthy: '❌', failed: '❌', removed: '🧹', notRemoved: '⚠️' };

const TITLES: Record<PreviewVerdict, string> = {
  healthy: 'The preview is healthy',
  unhealthy: 'The preview is not healthy',
  failed: 'The preview was not deployed',
  removed: 'The preview was removed',
  notRemoved: 'The preview could not be removed',
};

const LONGEST = 500;

/** Passes the comment on to the job that may write it, and shows the same in the summary of this one. */
export function publishPreview({ environment, mask, outputs, run }: PreviewContext, verdict: PreviewVerdict, why: string): void {
  const isThere = verdict === 'healthy' || verdict === 'unhealthy' || verdict === 'notRemoved';
  const text = [
    `## ${SIGNS[verdict]} ${TITLES[verdict]}`,
    isThere ? link(environment.url, environment.url) : '',
    ...(verdict === 'removed' || verdict === 'notRemoved' ? [] : [`Commit ${inCode(run.sha.slice(0, 7))}`]),
    escapeMarkdown(mask(why), LONGEST),
    run.url === undefined ? '' : `${link('The log of this run', run.url)}`,
  ].filter((one) => one !== '').join('\n\n');
  const comment = `${text}\n`;
  outputs.summary(comment);
  outputs.set({ [COMMENT]: comment });
}
