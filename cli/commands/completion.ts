import { Argument, type Command } from 'commander';
import { toCompletionScript } from '../operate/completion-script.js';
import { print } from '../output.js';

const examples = `
Examples:
  outport completion bash > /etc/bash_completion.d/outport
  source <(outport completion zsh)
  outport completion fish > ~/.config/fish/completions/outport.fish
`;

/** `outport completion <shell>`. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action((shell: 'bash' | 'zsh' | 'fish') => print(toCompletionScript(program, shell)));
}
