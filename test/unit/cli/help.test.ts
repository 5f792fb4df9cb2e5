import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../cli/program.js';

function leaves(command: Command, path: string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((each) => leaves(each, [...path, each.name()]));
}

describe('help', () => {
  it.each(leaves(createProgram()))('of "outport %s" says what it does and shows examples', (_, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    expect(command.description()).not.toBe('');
    expect(text).toContain('Examples:');
    expect(text).toMatch(/^ {2}outport /m);
  });
});
