import { Command } from './command';
import { notify as tellOfDeployments } from '../notifications/notify';
import { DELIVERY } from '../reporting/ejected';

/** What the last step of a job asks, whatever came before it. */
export const notify: Command = {
  name: 'tell',
  summary: 'tell people what became of the last deployments, if nobody was told yet',
  environment: 'required',
  changes: false,
  options: {},
  examples: [`${DELIVERY} tell production`],
  run: async ([context]) => tellOfDeployments(context),
};
