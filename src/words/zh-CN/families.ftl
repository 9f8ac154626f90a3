# What the check of a preference form finds (engine/form_check.rs).
finding-batch-without-list = 本批次不单独填报，请填写“{ $list }”的志愿表
finding-unknown-batch = 没有这个批次
finding-empty-list = 志愿表是空的，至少填写一个志愿
finding-too-many-choices = 最多填报{ $most }个志愿，表中有{ $n }个
finding-duplicate-choice = 与第{ $place }志愿重复
finding-unknown-programme = 没有这个招生代码
finding-not-in-this-batch = 不在本批次招生
finding-out-of-scope = 不面向你所在的区域招生
finding-not-eligible-for-quota = 本批次只有指标名额，你不具备指标资格：{ $why }
finding-no-quota-seat = 本批次只有指标名额，你的毕业初中在此没有指标
finding-blank-slot = 第{ $place }志愿空着，后面的志愿保持原来的序号
finding-short-list = 已填{ $n }个志愿，还可以再填{ $more }个
finding-unused-quota = 你可以使用指标名额的学校，表中一个也没有填：{ $programmes }{ $more ->
    [0] { "" }
   *[other] 等，另有{ $more }个
 }
finding-all-reaches = 按往年录取情况，表中没有一个“保”的志愿，有可能全部落空。可以在后面再加一两个把握大的学校。
finding-placed-by-merit = 各校按成绩排名录取；你的结果是志愿表从前往后第一所你够得上录取线的学校。
finding-placed-by-band = 以{ $points }分为一段：段与段之间高分段优先；同一段内先看志愿顺序，再看成绩。
finding-placed-by-position = 先看志愿顺序：各校先录取把它填在前面的考生，再看成绩。
finding-placed-by-choice-band = 每{ $choices }个志愿为一组：先看在第几组，同组内看成绩。
finding-true-order-is-best = 按你真正喜欢的顺序填写全部愿意去的学校，不会吃亏：把更喜欢的排在前面，不会减少后面志愿的机会。
finding-no-promise = 本次志愿有批次先后、志愿数量或投档规则的限制，系统不能保证哪一种填法最有利，请结合规则慎重填写。
finding-without-quota = 你不具备指标资格，不参加指标名额的录取：{ $why }
between-reasons = ；
between-names = 、

# Why somebody may not use quota seats (domain/eligibility.rs).
refusal-no-junior = 没有毕业初中学籍
refusal-register-short = 在毕业初中的学籍年限不足或起始日期不明
refusal-late-transfer = 转入时间晚于规定日期
refusal-not-attending = 未在学籍学校就读
refusal-repeat = 往届生
refusal-not-local = 户籍不在招生区域
refusal-quality-grade = 综合素质评价等级未达要求
refusal-refused-flag = 属于规定不享受指标的情形（如择校）
refusal-no-quota-seat = 你的初中在此没有指标

# Messages to the phones of a family.
notice-registered = 入学登记已提交第{ $version }版，回执号{ $receipt }。如非本人操作，请立即登录核对并联系教育局。
notice-submitted = 您的志愿表批次{ $batch }已提交第{ $version }版，回执号{ $receipt }。如非本人操作，请立即登录核对并联系毕业学校。
notice-submitted-rehearsal = 您的志愿表（模拟填报）批次{ $batch }已提交第{ $version }版，回执号{ $receipt }。如非本人操作，请立即登录核对并联系毕业学校。
notice-confirmed = 毕业学校已登记您批次{ $batch }第{ $version }版志愿确认表的签字。
notice-phone-changed = 监护人手机号已更改，志愿填报通知将发送到新号码。如非本人或监护人操作，请立即联系所在初中。
notice-phone-left = 监护人手机号已更改，本号码不再接收志愿填报通知。如非本人或监护人操作，请立即联系所在初中或市招生考试中心。
