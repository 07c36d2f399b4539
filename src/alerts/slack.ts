import { AlertOptions, ALERT_OPTIONS, EXAMPLE_OPTIONS } from './alert-options';
import { addressSecret, Channel } from './channel';
import { optionsOf } from '../validation/option-types';

export function slack(secret: string, options: AlertOptions): Channel {
  addressSecret('Alert.slack secret', secret, 'SLACK_WEBHOOK');
  optionsOf('Alert.slack', options, ALERT_OPTIONS, EXAMPLE_OPTIONS);
  return { name: `Slack (${secret})`, secrets: [secret], settings: { kind: 'slack', address: secret } };
}
