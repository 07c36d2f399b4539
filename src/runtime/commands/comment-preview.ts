import { Command } from './command';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { ConfigurationError } from '../errors';
import { pullRequestOf, requirePreview } from '../previews/preview-context';
import { commentBody } from '../pull-requests/comment-text';
import { DELIVERY } from '../reporting/command-line';

/** Writes the result of a preview into the pull request. It takes the text as it is: the job that made it ran code of the pull request. */
export const commentPreview: Command = {
  name: 'comment-preview',
  summary: 'write the result of a preview into the pull request, in place of the last one (in preview.yml)',
  environment: 'required',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} comment-preview preview-12`],

  run: async ([given]) => {
    const context = requirePreview(given!);
    const { ci: { pullRequests }, log, manifest, mask, processEnv, run } = context;
    const text = processEnv[JOB_VARIABLE.COMMENT];
    if (!pullRequests || !text) throw new ConfigurationError(`${JOB_VARIABLE.COMMENT} is empty, or there is no pull request: preview.yml uses this command`);
    const origin = { runId: run.id, attempt: run.attempt };
    const number = pullRequestOf(context);
    const written = await pullRequests.comment(number, commentBody(mask(text), origin, manifest.project?.name, 'preview'), origin);
    log.line(written === 'written' ? `commented on pull request ${number}` : `pull request ${number} shows the result of a newer run already`);
    return 0;
  },
};
