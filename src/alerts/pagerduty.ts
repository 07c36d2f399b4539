import { addressSecret, ALERT_OPTIONS, AlertOptions, Channel, EXAMPLE_OPTIONS } from './channel';
import { isLoopback } from '../contract/deployment-outputs';
import { OptionNames, optionsOf } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for PagerDuty.
 */
export interface PagerdutyAlertOptions extends AlertOptions {
  /**
   * The URL that events are sent to. Accounts in the EU use `https://events.eu.pagerduty.com/v2/enqueue`.
   *
   * @default 'https://events.pagerduty.com/v2/enqueue'
   */
  readonly url?: string;
}

const PAGERDUTY_OPTIONS: OptionNames<PagerdutyAlertOptions> = { ...ALERT_OPTIONS, url: true };

export function pagerduty(secret: string, options: PagerdutyAlertOptions): Channel {
  const { url = 'https://events.pagerduty.com/v2/enqueue' } = optionsOf('Alert.pagerduty', options, PAGERDUTY_OPTIONS, EXAMPLE_OPTIONS);
  // the value is not shown: it may be the key itself
  if (typeof secret === 'string' && /^(?=.*\d)(?=.*[a-z])[a-z0-9]{32}$/i.test(secret)) {
    invalid('Alert.pagerduty secret', 'it looks like the routing key itself, which everyone who can read the repository would see',
      'Store it as a secret of the repository and set the name of the secret: Alert.pagerduty(\'PAGERDUTY_KEY\')');
  }
  addressSecret('Alert.pagerduty secret', secret, 'PAGERDUTY_KEY');
  const address = webAddress('Alert.pagerduty url', url, true, { credentials: 'Remove them: PagerDuty needs only the routing key' });
  if (address.protocol !== 'https:' && !isLoopback(address)) {
    invalid('Alert.pagerduty url', `${show(url)} is plain http, so anyone on the network path could read the key`, 'Write https://...');
  }
  return { name: `PagerDuty (${secret})`, secrets: [secret], settings: { kind: 'pagerduty', routingKey: secret, url } };
}
