// SPDX-License-Identifier: GPL-3.0-or-later
//
// person.c: refuses a pack that wants to know something about a person (test T-39).
//
// levee watches indicators, obligations and offices; there is no place for a person. A pack is
// where somebody would try first, so every name in it is looked at: all keys, and all texts that
// name something (labels, units, codes, formulas). Citations and steps of a plan are sentences
// about what to do and are not looked at ("call the hotline" is no field).
//
//     English   whole words of the lower-cased text; "HomeAddress", "home_address" and "home
//               address" are the same two words
//     Chinese   anywhere in the text: it has no spaces
//
// A list cannot know every word. It stops the ordinary attempt and says why; it is not a proof.
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "pack/pack_priv.h"

enum { WORDS_SIZE = 2 * LIMIT_PACK_TEXT_SIZE + 3 };

// Each is sought with a space on both sides.
static const char *const denied_english[] = {
    "phone",
    "phones",
    "telephone",
    "mobile phone",
    "mobile number",
    "cellphone",
    "wechat",
    "weibo",
    "qq",
    "email",
    "full name",
    "first name",
    "last name",
    "family name",
    "given name",
    "person name",
    "name of",
    "names of",
    "surname",
    "nickname",
    "username",
    "alias",
    "id number",
    "id no",
    "id card",
    "identity",
    "identity card",
    "passport",
    "social security",
    "licence plate",
    "license plate",
    "bank account",
    "bank card",
    "face",
    "faces",
    "facial",
    "fingerprint",
    "fingerprints",
    "iris",
    "voiceprint",
    "gait",
    "dna",
    "genome",
    "biometric",
    "biometrics",
    "photo",
    "portrait",
    "religion",
    "religious",
    "faith",
    "believer",
    "believers",
    "ethnicity",
    "ethnic",
    "race",
    "racial",
    "nationality",
    "speech",
    "speeches",
    "posts by",
    "political view",
    "political views",
    "ideology",
    "home address",
    "residence address",
    "address of",
    "street address",
    "house number",
    "gps",
    "whereabouts",
    "location trail",
    "travel history",
    "imei",
    "ip address",
    "birthday",
    "birth date",
    "date of birth",
    "birthdate",
    "sexual orientation",
    "marital",
    "medical record",
    "patient id",
    "patient name",
    "petitioner",
    "petitioners",
    "complainant",
    "complainants",
    "informant",
    "informants",
    "dissident",
    "dissidents",
    "suspect",
    "suspects",
    "blacklist",
    "watchlist",
    "watch list",
    "key persons",
    "key person",
    "social credit",
    "credit score",
    "person score",
    "citizen score",
    "personal score",
    "person rank",
    "person id",
    "person tag",
    "person list",
    "by person",
    "per petitioner",
    "profile",
    "profiles",
    "xingming",
    "shenfenzheng",
    "shoujihao",
    "dianhua",
    "zhuzhi",
    "minzu",
    "zongjiao",
    "renlian",
    "zhiwen",
};

static const char *const denied_chinese[] = {
    "姓名",     "名字",     "曾用名",   "昵称",     "电话",     "手机",     "身份证",   "证件号",
    "护照",     "社保号",   "人脸",     "面部",     "指纹",     "虹膜",     "声纹",     "步态",
    "基因",     "生物特征", "照片",     "宗教",     "信仰",     "信教",     "民族",     "种族",
    "族别",     "言论",     "政治倾向", "思想动态", "住址",     "家庭地址", "门牌",     "行踪",
    "轨迹",     "邮箱",     "微信",     "微博",     "银行卡",   "银行账号", "车牌",     "出生日期",
    "生日",     "婚姻",     "性取向",   "病历",     "上访人员", "信访人员", "上访户",   "重复上访",
    "举报人",   "重点人员", "稳控",     "黑名单",   "嫌疑人",   "个人信用", "个人评分", "人员评分",
    "人员排名", "人员名单", "人员标签", "画像",
};

// Writes " word word word " in lower case: letters and digits stay, all else separates, and a
// capital after a small letter begins a word.
static void write_words(struct span text, char *words)
{
    size_t at = 0;
    words[at++] = ' ';
    for (size_t i = 0; i < text.size && at + 3 < WORDS_SIZE; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool is_begin = isupper(c) && i > 0 && islower((unsigned char)text.data[i - 1]);
        if ((!isalnum(c) || is_begin) && words[at - 1] != ' ')
            words[at++] = ' ';
        if (isalnum(c))
            words[at++] = (char)tolower(c);
    }
    if (words[at - 1] != ' ')
        words[at++] = ' ';
    words[at] = '\0';
}

const char *pack_find_person(struct span text)
{
    char words[WORDS_SIZE];
    write_words(text, words);
    for (size_t i = 0; i < sizeof denied_english / sizeof denied_english[0]; i++) {
        const char *word = denied_english[i];
        size_t size = strlen(word);
        for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word))
            if (at[-1] == ' ' && at[size] == ' ')
                return word;
    }
    for (size_t i = 0; i < sizeof denied_chinese / sizeof denied_chinese[0]; i++)
        if (memmem(text.data, text.size, denied_chinese[i], strlen(denied_chinese[i])) != NULL)
            return denied_chinese[i];
    return NULL;
}

static void look(struct pack_reader *reader, const struct pack_entry *entry, struct span text)
{
    const char *word = pack_find_person(text);
    if (word != NULL)
        pack_note(reader, entry->line, TEXT_PACK_PERSON, text_span(text), text_string(word));
}

// Depth is bounded by the tree's.
static void walk(struct pack_reader *reader, const struct pack_entry *entry)
{
    // A cite or an address is somebody else's text, a plan says what to do.
    static const char *const passed[] = {"cite", "address", "plan"};
    if (entry->name != NULL) {
        look(reader, entry, span_from(entry->name));
        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
            if (strcmp(entry->name, passed[i]) == 0)
                return;
    }
    if (entry->value.kind == PACK_VALUE_STRING)
        look(reader, entry, entry->value.string);
    for (size_t i = 0; entry->value.kind == PACK_VALUE_TABLE && i < entry->value.entry_count; i++)
        walk(reader, &entry->value.entries[i]);
}

void pack_refuse_persons(struct pack_reader *reader, const struct pack_entry *root)
{
    assert(root->value.kind == PACK_VALUE_TABLE);
    walk(reader, root);
}
