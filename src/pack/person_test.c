// SPDX-License-Identifier: GPL-3.0-or-later
//
// person_test.c: planted attempts to watch a person are all refused (test T-39); honest names pass.
#include <stdio.h>
#include <string.h>

#include "pack/pack_priv.h"
#include "unit.h"

// Each stands as the label of an indicator, as a unit, and as a key.
static const char *const planted[] = {
    "name of the worker",
    "full_name",
    "phone",
    "phone_number",
    "mobilePhone",
    "id_number",
    "IdCard",
    "passport",
    "home address",
    "home_address",
    "homeAddress",
    "face",
    "face_match",
    "facial recognition hits",
    "fingerprint",
    "voiceprint",
    "DNA",
    "religion",
    "religious belief",
    "ethnicity",
    "ethnic group",
    "speech",
    "online speech",
    "political_views",
    "gps",
    "gps_trail",
    "date_of_birth",
    "bank_account",
    "licence plate",
    "wechat",
    "petitioner",
    "repeat petitioners",
    "person_score",
    "social_credit",
    "blacklist",
    "key_person",
    "姓名",
    "联系电话",
    "手机号码",
    "身份证号",
    "人脸识别次数",
    "指纹",
    "宗教信仰",
    "民族成分",
    "网上言论",
    "家庭住址",
    "行踪轨迹",
    "重点人员名单",
    "重复上访人",
    "个人信用",
};

static const char *const honest[] = {
    "epidemic.cases",
    "New confirmed cases",
    "Messages about unpaid wages",
    "Treasury cash cover",
    "surface water",
    "preface",
    "mobile cabin hospital beds",
    "suspected cases",
    "fever clinic patients",
    "speechless",
    "rate per 100000",
    "identified hazards",
    "persons newly unemployed",
    "photovoltaic plants",
    "written opinions overdue",
    "信访人次",
    "新增确诊病例",
    "欠薪来信件数",
    "库款保障水平",
    "发热门诊就诊人次",
    "高校毕业生就业率",
    "隐患整改率",
};

void test_planted_person_names_are_refused(void)
{
    static struct pack_report report;
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
        static const char *const forms[] = {
            "return { indicators = { { label = { zh = \"x\",\nen = \"%s\" } } } }",
            "return { indicators = { { code = \"a\",\nunit = \"%s\" } } }",
            "return { indicators = { {\n[\"%s\"] = 1 } } }",
        };
        for (size_t j = 0; j < sizeof forms / sizeof forms[0]; j++) {
            char text[512];
            struct arena arena = {0};
            struct fault fault = {0};
            const struct pack *pack = NULL;
            bool is_refused = false;
            // The forms are constants of this test.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(text, sizeof text, forms[j], planted[i]);
#pragma GCC diagnostic pop
            pack_check("x.lua", span_from(text), &arena, &report, &pack, &fault);
            for (size_t k = 0; k < report.count; k++)
                is_refused = is_refused || (report.mistake[k].key == TEXT_PACK_PERSON &&
                                            report.mistake[k].line == 2);
            unit_check(is_refused, __FILE__, __LINE__, "not refused: %s", text);
            arena_reset(&arena);
        }
    }
    CHECK(sizeof planted / sizeof planted[0] >= 30);
}

void test_honest_names_pass(void)
{
    for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++) {
        const char *word = pack_find_person(span_from(honest[i]));
        unit_check(word == NULL, __FILE__, __LINE__, "\"%s\" refused for \"%s\"", honest[i], word);
    }
}
