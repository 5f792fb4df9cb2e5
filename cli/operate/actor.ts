import { userInfo } from 'node:os';
import { Option } from 'commander';

/** `--actor`, the same on every command that changes something. */
export function actorOption(): Option {
  return new Option('--actor <name>', 'who does it, as the audit log shows it (default: the user)');
}

/** The name for the audit log. */
export function toActor(given: string | undefined): string {
  return given ?? userInfo().username;
}
