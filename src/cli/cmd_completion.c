/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest completion: tab completion for bash and zsh, made of the command table. Load it
 * with `source <(behest completion bash)`.
 */
#include <string.h>

#include "base/str.h"
#include "cli/command.h"

static void print_names(void)
{
	size_t count;
	const struct command *const *table = command_table(&count);

	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? " " : "", table[i]->name);
}

static void print_options(const struct command *command)
{
	for (size_t i = 0; i < command->option_count; i++)
		printf("--%s ", command->options[i].name);
	fputs("--help", stdout);
}

/* "a|b" with blanks instead of bars. */
static void print_choices(const char *choices)
{
	for (const char *at = choices; *at; at++)
		putchar(*at == '|' ? ' ' : *at);
}

static void bash_values(const struct command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const struct option *option = &command->options[i];

		if (option->kind == OPTION_FLAG)
			continue;
		printf("    %s:--%s)", command->name, option->name);
		if (option->kind == OPTION_FILE)
			puts(" COMPREPLY=($(compgen -f -- \"$word\")); return ;;");
		else if (option->kind == OPTION_FOLDER)
			puts(" COMPREPLY=($(compgen -d -- \"$word\")); return ;;");
		else
			puts(" COMPREPLY=(); return ;;");
	}
}

static void bash_words(const struct command *command)
{
	printf("    %s) words=\"", command->name);
	print_options(command);
	if (command->choices && *command->choices) {
		putchar(' ');
		print_choices(command->choices);
	} else if (command == command_find("help")) {
		putchar(' ');
		print_names();
	}
	fputs("\"", stdout);
	if (command->choices && !*command->choices)
		fputs("; files=1", stdout);
	puts(" ;;");
}

static void print_bash(void)
{
	size_t count;
	const struct command *const *table = command_table(&count);

	puts("# behest completion bash\n_behest()\n{");
	puts("  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}");
	puts("  local command=${COMP_WORDS[1]} words= files=\n  COMPREPLY=()");
	fputs("  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"",
	      stdout);
	print_names();
	puts(" --help --version\" -- \"$word\")); return\n  fi");
	puts("  case $command:$before in");
	for (size_t i = 0; i < count; i++)
		bash_values(table[i]);
	puts("  esac\n  case $command in");
	for (size_t i = 0; i < count; i++)
		bash_words(table[i]);
	puts("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))");
	puts("  [ -n \"$files\" ] && COMPREPLY+=($(compgen -f -- \"$word\"))\n  return 0\n}");
	puts("complete -o filenames -F _behest behest");
}

/* Text inside zsh's '...[...]' must not hold quotes, brackets or colons. */
static void zsh_text(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (strchr("[]:", *at))
			putchar('\\');
		if (*at == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*at);
	}
}

static void zsh_option(const struct option *option)
{
	printf("      '%s--%s[", option->repeats ? "*" : "", option->name);
	zsh_text(option->words);
	putchar(']');
	if (option->kind != OPTION_FLAG) {
		putchar(':');
		zsh_text(option->argument);
		putchar(':');
	}
	if (option->kind == OPTION_FILE)
		fputs("_files", stdout);
	else if (option->kind == OPTION_FOLDER)
		fputs("_files -/", stdout);
	else if (option->kind != OPTION_FLAG)
		putchar(' ');
	puts("' \\");
}

static void zsh_command(const struct command *command)
{
	printf("    %s) _arguments \\\n", command->name);
	for (size_t i = 0; i < command->option_count; i++)
		zsh_option(&command->options[i]);
	puts("      '--help[explain it]' \\");
	if (command->choices && *command->choices) {
		fputs("      '*:word:(", stdout);
		print_choices(command->choices);
		puts(")' ;;");
	} else if (command->choices) {
		puts("      '*:file:_files' ;;");
	} else {
		puts("      '*:word: ' ;;");
	}
}

static void print_zsh(void)
{
	size_t count;
	const struct command *const *table = command_table(&count);

	puts("#compdef behest\n_behest() {\n  local -a commands\n  commands=(");
	for (size_t i = 0; i < count; i++) {
		printf("    '%s:", table[i]->name);
		zsh_text(table[i]->summary);
		puts("'");
	}
	puts("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi");
	puts("  local command=$words[2]\n  shift words; (( CURRENT-- ))\n  case $command in");
	for (size_t i = 0; i < count; i++)
		zsh_command(table[i]);
	puts("  esac\n}\ncompdef _behest behest");
}

static enum cli_exit run(const struct args *args)
{
	if (str_equal(args->rest[0], "bash"))
		print_bash();
	else if (str_equal(args->rest[0], "zsh"))
		print_zsh();
	else
		return command_fail(CLI_USAGE, "\"%.20s\": expected bash or zsh",
				    args->rest[0]);
	return CLI_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.summary = "print tab completion for a shell",
	.operands = "bash|zsh",
	.words = "For bash: source <(behest completion bash)",
	.choices = "bash|zsh",
	.rest_min = 1,
	.rest_max = 1,
	.run = run,
};
