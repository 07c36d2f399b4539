import { AlertOptions, ALERT_OPTIONS, EXAMPLE_OPTIONS } from './alert-options';
import { addressSecret, Channel } from './channel';
import { optionsOf } from '../validation/option-types';

export function teams(secret: string, options: AlertOptions): Channel {
  addressSecret('Alert.teams secret', secret, 'TEAMS_WEBHOOK');
  optionsOf('Alert.teams', options, ALERT_OPTIONS, EXAMPLE_OPTIONS);
  return { name: `Teams (${secret})`, secrets: [secret], settings: { kind: 'teams', address: secret } };
}
