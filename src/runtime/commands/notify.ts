import { Command } from './command';
import { notify as notifyAboutDeployments } from '../notifications/notify';
import { DELIVERY } from '../reporting/ejected';

/** Runs as the last step of a job, whatever came before it. */
export const notify: Command = {
  name: 'notify',
  summary: 'notify people of what became of the last deployments, once',
  environment: 'required',
  changes: false,
  options: {},
  examples: [`${DELIVERY} notify production`],
  run: async ([context]) => notifyAboutDeployments(context),
};
