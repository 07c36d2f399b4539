import { Command } from './command';
import { notify as notifyAboutDeployments } from '../notifications/notify';
import { DELIVERY } from '../reporting/command-line';

/** Runs as the last step of a job, also after a failure. */
export const notify: Command = {
  name: 'notify',
  summary: 'send the notifications that are due about the last deployments',
  environment: 'required',
  changes: false,
  options: {},
  examples: [`${DELIVERY} notify production`],
  run: async ([context]) => notifyAboutDeployments(context),
};
