// SPDX-License-Identifier: GPL-3.0-or-later
//
// formula.c: small expressions over the values of other indicators.
//
//     expression  =  term { ("+" | "-") term }
//     term        =  factor { ("*" | "/") factor }
//     factor      =  number | code | "(" expression ")" | "-" factor
//     code        =  letter { letter | digit | "_" | "." }          the code of an indicator
//
// Parsed by descent into a list of steps for a stack (postfix), so that evaluation is one loop and
// a formula has no function, no state and no way to run long. The depth of nesting is bounded by
// LIMIT_PACK_FORMULA_NODES, because every level takes at least one step or byte of the text.
//
//     a / b * 100     ->     push a, push b, divide, push 100, multiply
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "pack/pack_priv.h"

enum step_kind {
    STEP_NUMBER,
    STEP_OPERAND,
    STEP_ADD,
    STEP_SUBTRACT,
    STEP_MULTIPLY,
    STEP_DIVIDE,
    STEP_NEGATE
};

struct step {
    enum step_kind kind;
    double number;
    size_t operand;
};

struct pack_formula {
    const char *text;
    size_t step_count;
    size_t operand_count;
    struct step step[LIMIT_PACK_FORMULA_NODES];
    const char *operand[LIMIT_PACK_FORMULA_NODES];
};

struct parser {
    struct pack_formula *formula;
    struct arena *arena;
    const char *begin;
    const char *at;
    const char *end;
    int depth;
    bool is_wrong;
    bool is_full;
};

static void parse_expression(struct parser *parser);

static char peek(struct parser *parser)
{
    while (parser->at < parser->end && isspace((unsigned char)*parser->at))
        parser->at++;
    return parser->at < parser->end ? *parser->at : '\0';
}

static void add_step(struct parser *parser, struct step step)
{
    if (parser->formula->step_count == LIMIT_PACK_FORMULA_NODES)
        parser->is_wrong = true;
    if (!parser->is_wrong)
        parser->formula->step[parser->formula->step_count++] = step;
}

static void parse_number(struct parser *parser)
{
    struct span text = {parser->at, 0};
    while (parser->at < parser->end && (isdigit((unsigned char)*parser->at) || *parser->at == '.'))
        parser->at++;
    text.size = (size_t)(parser->at - text.data);
    double number = 0;
    if (!span_to_real(text, &number))
        parser->is_wrong = true;
    add_step(parser, (struct step){.kind = STEP_NUMBER, .number = number});
}

static void parse_operand(struct parser *parser)
{
    struct pack_formula *formula = parser->formula;
    struct span code = {parser->at, 0};
    while (parser->at < parser->end &&
           (isalnum((unsigned char)*parser->at) || *parser->at == '_' || *parser->at == '.'))
        parser->at++;
    code.size = (size_t)(parser->at - code.data);
    size_t index = 0;
    while (index < formula->operand_count && !span_is(code, formula->operand[index]))
        index++;
    if (index == formula->operand_count && index < LIMIT_PACK_FORMULA_NODES) {
        formula->operand[index] = span_to_string(code, parser->arena);
        if (formula->operand[index] == NULL) {
            parser->is_full = true;
            parser->is_wrong = true;
            return;
        }
        formula->operand_count++;
    }
    add_step(parser, (struct step){.kind = STEP_OPERAND, .operand = index});
}

static void parse_factor(struct parser *parser)
{
    char c = peek(parser);
    if (++parser->depth > LIMIT_PACK_FORMULA_NODES)
        parser->is_wrong = true;
    if (parser->is_wrong)
        return;
    if (isdigit((unsigned char)c)) {
        parse_number(parser);
    } else if (islower((unsigned char)c)) {
        parse_operand(parser);
    } else if (c == '-') {
        parser->at++;
        parse_factor(parser);
        add_step(parser, (struct step){.kind = STEP_NEGATE});
    } else if (c == '(') {
        parser->at++;
        parse_expression(parser);
        if (peek(parser) == ')')
            parser->at++;
        else
            parser->is_wrong = true;
    } else {
        parser->is_wrong = true;
    }
    parser->depth--;
}

static void parse_term(struct parser *parser)
{
    parse_factor(parser);
    for (char c = peek(parser); !parser->is_wrong && (c == '*' || c == '/'); c = peek(parser)) {
        parser->at++;
        parse_factor(parser);
        add_step(parser, (struct step){.kind = c == '*' ? STEP_MULTIPLY : STEP_DIVIDE});
    }
}

static void parse_expression(struct parser *parser)
{
    parse_term(parser);
    for (char c = peek(parser); !parser->is_wrong && (c == '+' || c == '-'); c = peek(parser)) {
        parser->at++;
        parse_term(parser);
        add_step(parser, (struct step){.kind = c == '+' ? STEP_ADD : STEP_SUBTRACT});
    }
}

struct pack_formula *pack_formula_parse(struct span text, struct arena *arena, size_t *ret_at,
                                        bool *ret_is_full)
{
    struct parser parser = {
        .arena = arena, .begin = text.data, .at = text.data, .end = text.data + text.size};
    parser.formula = arena_allocate(arena, sizeof *parser.formula);
    char *copy = span_to_string(text, arena);
    *ret_is_full = parser.formula == NULL || copy == NULL;
    if (*ret_is_full)
        return NULL;
    parser.formula->text = copy;
    parse_expression(&parser);
    if (!parser.is_wrong && peek(&parser) != '\0')
        parser.is_wrong = true;
    *ret_is_full = parser.is_full;
    if (parser.is_wrong) {
        *ret_at = (size_t)(parser.at - parser.begin);
        return NULL;
    }
    assert(parser.formula->step_count > 0 && parser.at == parser.end);
    return parser.formula;
}

size_t pack_formula_operand_count(const struct pack_formula *formula)
{
    return formula->operand_count;
}

const char *pack_formula_operand(const struct pack_formula *formula, size_t index)
{
    assert(index < formula->operand_count);
    return formula->operand[index];
}

const char *pack_formula_text(const struct pack_formula *formula)
{
    return formula->text;
}

static double combine(enum step_kind kind, double a, double b)
{
    switch (kind) {
    case STEP_ADD: return a + b;
    case STEP_SUBTRACT: return a - b;
    case STEP_MULTIPLY: return a * b;
    default: assert(kind == STEP_DIVIDE); return a / b;
    }
}

bool pack_formula_value(const struct pack_formula *formula, const double *operands,
                        double *ret_value)
{
    double stack[LIMIT_PACK_FORMULA_NODES];
    size_t height = 0;
    for (size_t i = 0; i < formula->step_count; i++) {
        const struct step *step = &formula->step[i];
        if (step->kind == STEP_NUMBER || step->kind == STEP_OPERAND) {
            stack[height++] = step->kind == STEP_NUMBER ? step->number : operands[step->operand];
        } else if (step->kind == STEP_NEGATE) {
            assert(height >= 1);
            stack[height - 1] = -stack[height - 1];
        } else {
            assert(height >= 2);
            stack[height - 2] = combine(step->kind, stack[height - 2], stack[height - 1]);
            height--;
        }
    }
    assert(height == 1);
    if (!isfinite(stack[0]))
        return false;
    *ret_value = stack[0];
    return true;
}
