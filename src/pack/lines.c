// SPDX-License-Identifier: GPL-3.0-or-later
//
// lines.c: finds the line of every key of a pack's table in its source text.
//
// A table does not remember where it was written, so the source is read a second time, by a light
// scanner that knows Lua's tokens and its table constructors and nothing else:
//
//     return { name = "x",          the last `return` that is followed by `{` or by a NAME
//       bands = { { from = 1 } },   a constructor in a constructor: its keys get their own lines
//       rules = RULES,              a NAME: the constructor in the last `RULES = {` before it
//       label = words("a", "b"),    anything else: the key's line stands for all below it
//     }
//
// The walk goes along the value tree, so a key that is not in the tree (a nil) is passed over, and
// an entry that the text does not show (made by a loop) keeps the line of what holds it. A name
// that a constructor gives twice is noted: Lua would silently keep the second.
//
// The text has been compiled before, so that quotes and brackets are known to match; the scanner
// still never reads behind the end.
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "pack/pack_priv.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_NUMBER, TOKEN_SIGN };

struct token {
    enum token_kind kind;
    int line;
    struct span text; // a string's inside, as written
};

struct scan {
    struct pack_reader *reader;
    const struct token *tokens; // closed by a TOKEN_END
    size_t count;
    int depth;
};

struct lexer {
    const char *at;
    const char *end;
    int line;
};

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// Moves behind a long bracket "[==[ ... ]==]" that begins here; false when none does.
static bool skip_long_bracket(struct lexer *lexer, struct span *ret_inside)
{
    const char *at = lexer->at + 1;
    size_t level = 0;
    for (; at < lexer->end && *at == '='; at++)
        level++;
    if (at >= lexer->end || *at != '[')
        return false;
    const char *inside = ++at;
    for (; at < lexer->end; at++) {
        if (*at == '\n')
            lexer->line++;
        if (*at != ']' || (size_t)(lexer->end - at) < level + 2)
            continue;
        size_t matched = strspn(at + 1, "=");
        if (matched != level || at[level + 1] != ']')
            continue;
        *ret_inside = (struct span){inside, (size_t)(at - inside)};
        lexer->at = at + level + 2;
        return true;
    }
    lexer->at = lexer->end;
    return true;
}

static void skip_space(struct lexer *lexer)
{
    while (lexer->at < lexer->end) {
        if (*lexer->at == '\n') {
            lexer->line++;
            lexer->at++;
        } else if (isspace((unsigned char)*lexer->at)) {
            lexer->at++;
        } else if (lexer->end - lexer->at >= 2 && memcmp(lexer->at, "--", 2) == 0) {
            struct span inside;
            lexer->at += 2;
            if (lexer->at < lexer->end && *lexer->at == '[' && skip_long_bracket(lexer, &inside))
                continue;
            while (lexer->at < lexer->end && *lexer->at != '\n')
                lexer->at++;
        } else {
            return;
        }
    }
}

// A quoted string. "\z" swallows line ends, "\" before a line end continues: both only count lines.
static struct span read_quoted(struct lexer *lexer)
{
    char quote = *lexer->at++;
    const char *inside = lexer->at;
    while (lexer->at < lexer->end && *lexer->at != quote) {
        if (*lexer->at == '\n')
            lexer->line++;
        if (*lexer->at == '\\' && lexer->at + 1 < lexer->end) {
            lexer->at++;
            if (*lexer->at == '\n')
                lexer->line++;
        }
        lexer->at++;
    }
    struct span text = {inside, (size_t)(lexer->at - inside)};
    if (lexer->at < lexer->end)
        lexer->at++;
    return text;
}

static struct token next_token(struct lexer *lexer)
{
    skip_space(lexer);
    struct token token = {.kind = TOKEN_END, .line = lexer->line, .text = {lexer->at, 0}};
    if (lexer->at >= lexer->end)
        return token;
    char c = *lexer->at;
    if (c == '"' || c == '\'') {
        token.kind = TOKEN_STRING;
        token.text = read_quoted(lexer);
        return token;
    }
    if (c == '[' && skip_long_bracket(lexer, &token.text)) {
        token.kind = TOKEN_STRING;
        return token;
    }
    token.kind = isdigit((unsigned char)c) ? TOKEN_NUMBER
                 : is_name_byte(c)         ? TOKEN_NAME
                                           : TOKEN_SIGN;
    lexer->at++;
    while (lexer->at < lexer->end && token.kind != TOKEN_SIGN &&
           (is_name_byte(*lexer->at) || (token.kind == TOKEN_NUMBER && *lexer->at == '.')))
        lexer->at++;
    token.text.size = (size_t)(lexer->at - token.text.data);
    // "==" is one sign, so that "=" alone is an assignment.
    if (c == '=' && lexer->at < lexer->end && *lexer->at == '=') {
        lexer->at++;
        token.text.size = 2;
    }
    return token;
}

static bool is_sign(const struct token *token, const char *sign)
{
    return token->kind == TOKEN_SIGN && span_is(token->text, sign);
}

static bool is_word(const struct token *token, const char *word)
{
    return token->kind == TOKEN_NAME && span_is(token->text, word);
}

// How much a token opens (+1) or closes (-1).
static int weigh(const struct token *token)
{
    static const char *const opening[] = {"function", "if", "do", "repeat"};
    if (is_sign(token, "{") || is_sign(token, "(") || is_sign(token, "["))
        return 1;
    if (is_sign(token, "}") || is_sign(token, ")") || is_sign(token, "]") ||
        is_word(token, "end") || is_word(token, "until"))
        return -1;
    for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++)
        if (is_word(token, opening[i]))
            return 1;
    return 0;
}

// The token behind the expression at `at`: a separator, or the "}" that closes the constructor.
static size_t skip_expression(const struct scan *scan, size_t at)
{
    int depth = 0;
    for (; scan->tokens[at].kind != TOKEN_END; at++) {
        const struct token *token = &scan->tokens[at];
        if (depth == 0 && (is_sign(token, ",") || is_sign(token, ";") || is_sign(token, "}")))
            return at;
        depth += weigh(token);
    }
    return at;
}

// The "{" of the last `NAME = {` before `before`; `count` when there is none.
static size_t find_constructor(const struct scan *scan, struct span name, size_t before)
{
    for (size_t at = before; at-- > 0;) {
        const struct token *token = &scan->tokens[at];
        if (token->kind != TOKEN_NAME || !span_equal(token->text, name))
            continue;
        bool is_field =
            at > 0 && (is_sign(&scan->tokens[at - 1], ".") || is_sign(&scan->tokens[at - 1], ",") ||
                       is_sign(&scan->tokens[at - 1], "{"));
        if (!is_field && is_sign(&scan->tokens[at + 1], "=") && is_sign(&scan->tokens[at + 2], "{"))
            return at + 2;
    }
    return scan->count;
}

static struct pack_entry *find_entry(struct pack_value *table, struct span name, int64_t position)
{
    for (size_t i = 0; i < table->entry_count; i++) {
        struct pack_entry *entry = &table->entries[i];
        if (name.data == NULL ? entry->name == NULL && entry->position == position
                              : entry->name != NULL && span_is(name, entry->name))
            return entry;
    }
    return NULL;
}

// The key at `at`, if there is one: NAME =, ["text"] =, [3] =. Returns the value's first token.
static size_t read_key(const struct scan *scan, size_t at, struct span *ret_name,
                       int64_t *ret_position, int64_t *positions)
{
    const struct token *token = &scan->tokens[at];
    *ret_name = (struct span){NULL, 0};
    if (token->kind == TOKEN_NAME && is_sign(&token[1], "=")) {
        *ret_name = token->text;
        return at + 2;
    }
    if (is_sign(token, "[") && token[1].kind != TOKEN_END && is_sign(&token[2], "]") &&
        is_sign(&token[3], "=")) {
        if (token[1].kind == TOKEN_STRING)
            *ret_name = token[1].text;
        else if (!span_to_integer(token[1].text, ret_position))
            *ret_position = 0;
        return at + 4;
    }
    *ret_position = ++*positions;
    return at;
}

static void set_lines(struct pack_value *table, int line)
{
    for (size_t i = 0; i < table->entry_count; i++) {
        table->entries[i].line = line;
        if (table->entries[i].value.kind == PACK_VALUE_TABLE)
            set_lines(&table->entries[i].value, line);
    }
}

static void walk(struct scan *scan, size_t at, struct pack_value *table);

// Goes into an entry's value, if its text is a constructor or the name of one.
static void walk_value(struct scan *scan, size_t at, struct pack_entry *entry)
{
    const struct token *token = &scan->tokens[at];
    if (entry->value.kind != PACK_VALUE_TABLE)
        return;
    if (is_sign(token, "{")) {
        walk(scan, at, &entry->value);
    } else if (token->kind == TOKEN_NAME && skip_expression(scan, at) == at + 1) {
        size_t named = find_constructor(scan, token->text, at);
        if (named < scan->count)
            walk(scan, named, &entry->value);
    }
}

// Walks the constructor whose "{" is at `at` beside the table it made. Bounded by LIMIT_PACK_DEPTH.
static void walk(struct scan *scan, size_t at, struct pack_value *table)
{
    if (++scan->depth > LIMIT_PACK_DEPTH) {
        scan->depth--;
        return;
    }
    int64_t positions = 0;
    for (at++; scan->tokens[at].kind != TOKEN_END && !is_sign(&scan->tokens[at], "}");) {
        struct span name;
        int64_t position = 0;
        int line = scan->tokens[at].line;
        size_t value = read_key(scan, at, &name, &position, &positions);
        struct pack_entry *entry = find_entry(table, name, position);
        if (entry != NULL) {
            if (entry->name != NULL && entry->value.is_seen)
                pack_note(scan->reader, line, TEXT_PACK_FIELD_TWICE, text_span(name));
            entry->value.is_seen = true;
            entry->line = line;
            if (entry->value.kind == PACK_VALUE_TABLE)
                set_lines(&entry->value, line);
            walk_value(scan, value, entry);
        }
        at = skip_expression(scan, value);
        if (is_sign(&scan->tokens[at], ",") || is_sign(&scan->tokens[at], ";"))
            at++;
    }
    scan->depth--;
}

// The token of the last `return` outside every block; `count` when there is none.
static size_t find_return(const struct scan *scan)
{
    size_t found = scan->count;
    int depth = 0;
    for (size_t at = 0; at < scan->count; at++) {
        if (depth == 0 && is_word(&scan->tokens[at], "return"))
            found = at;
        depth += weigh(&scan->tokens[at]);
    }
    return found;
}

void pack_find_lines(struct pack_reader *reader, struct span source, struct pack_entry *root)
{
    assert(root->value.kind == PACK_VALUE_TABLE);
    // Every token takes a byte, and four "end" tokens stand behind them for reading ahead.
    struct token *tokens = pack_take(reader, (source.size + 4) * sizeof *tokens);
    if (tokens == NULL)
        return;
    struct scan scan = {.reader = reader, .tokens = tokens};
    struct lexer lexer = {source.data, source.data + source.size, 1};
    while ((tokens[scan.count] = next_token(&lexer)).kind != TOKEN_END)
        scan.count++;
    assert(scan.count <= source.size);
    size_t at = find_return(&scan);
    root->line = at < scan.count ? tokens[at].line : 1;
    set_lines(&root->value, root->line);
    if (at < scan.count)
        walk_value(&scan, at + 1, root);
}
