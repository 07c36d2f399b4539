import { Command } from './command';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { ConfigurationError } from '../errors';
import { commentBody } from '../pull-requests/comment-text';
import { DELIVERY } from '../reporting/command-line';

/** Writes the plan of a merge into the pull request. It takes the text as it is, because the job that planned ran code of the pull request. */
export const commentPlan: Command = {
  name: 'comment',
  summary: 'write the plan of plan-merge into the pull request, in place of the last one (in plan.yml)',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} comment`],

  run: async ([context]) => {
    const { ci: { pullRequest }, log, manifest, mask, processEnv, run } = context!;
    if (!pullRequest) throw new ConfigurationError('there is no pull request to comment on: plan.yml uses this command. To see the text, use plan-merge');
    const text = processEnv[JOB_VARIABLE.COMMENT];
    if (!text) throw new ConfigurationError(`${JOB_VARIABLE.COMMENT} is empty, so there is no text. Leave the step as plan.yml has it`);
    const origin = { runId: run.id, attempt: run.attempt };
    const written = await pullRequest.comment(commentBody(mask(text), origin, manifest.project?.name), origin);
    log.line(written === 'written' ? `commented on pull request ${pullRequest.number}` : `pull request ${pullRequest.number} shows the plan of a newer run already`);
    return 0;
  },
};
