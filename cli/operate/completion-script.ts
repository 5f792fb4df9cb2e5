import type { Command } from 'commander';

/** A place in the command tree, with what may follow there. */
interface Place {
  /** Words behind the program's name: `replay start`. */
  readonly path: string;
  readonly words: readonly string[];
}

/** A completion script for a shell, made from the commands themselves. */
export function toCompletionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const places = toPlaces(program, []);
  switch (shell) {
    case 'bash':
      return toBash(program.name(), places);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${toBash(program.name(), places)}`;
    case 'fish':
      return toFish(program.name(), places);
    default:
      return shell satisfies never;
  }
}

function toPlaces(command: Command, path: readonly string[]): Place[] {
  const commands = command.commands.map((each) => each.name());
  const options = command.options.flatMap(({ long }) => (long ? [long] : []));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const own: Place = { path: path.join(' '), words: [...commands, ...choices, ...options, '--help'] };
  return [own, ...command.commands.flatMap((each) => toPlaces(each, [...path, each.name()]))];
}

/** The longest known path at the start of the line decides which words may follow. */
function toBash(name: string, places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  return `_${name}_completion() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
${places
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      '${path}') path="$next" ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name}_completion ${name}`;
}

function toFish(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const seen = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
    return [`complete -c ${name} -n '${seen}' -a '${words.join(' ')}'`];
  });
  return lines.join('\n');
}
