service = 招生录取服务
skip = 跳到主要内容
display = 显示方式
other-language = English
large-text = 大字版
normal-text = 标准字号
log-in = 登录
log-out = 退出
footer = 本系统的每一项结果都可以由任何人重新计算核对。
api-docs = 开放接口说明（英文）
error-prefix = 错误：
error-title = 有问题需要处理
to-front = 回到首页
trace = 问题编号：{ $id }（联系招生办时请报此编号）
go-on = 继续
more = 其他
nothing-there = 还没有记录。
landing-title = 高中阶段学校招生
landing-text = 考生、学校和招生办在这里办理志愿填报与录取。请用学校发给的账号登录。
no-season = 目前没有与您有关的招生。

role-candidate = 考生
role-junior-high = 初中学校
role-senior-high = 高中学校
role-county-bureau = 县（市、区）教育局
role-municipal-centre = 市招生办
role-supervisor = 监督人员
role-system-token = 系统对接
role-service = 系统自动
role-operator = 系统管理员

phase-preparing = 准备
phase-registering = 报名
phase-eligibility-posted = 资格公示
phase-quota-published = 指标公布
phase-rehearsal = 模拟填报
phase-filling = 填报志愿
phase-frozen = 填报截止
phase-placed = 已录取待审
phase-approved = 已审定待公布
phase-published = 已公布
phase-supplementary = 征集志愿
phase-filed = 已归档

seat-quota = 指标到校名额
seat-pool = 县域统筹名额
seat-open = 统一招生名额

# Places of faults in files.
fault-at-row = 第 { $row } 行
fault-at-column = { $column } 列
