resource "coze_workspace" "desk" {
  name        = "栗树湾客服空间${var.suffix}"
  description = "栗树湾小铺的客服与导购智能体，以及它们使用的知识库。由 cozeform 维护，请勿在网页上直接修改。"
  icon        = local.icon
}

# One block, three members: coze_workspace_member.desk["1000000000000101"] and so on.
resource "coze_workspace_member" "desk" {
  for_each = var.members

  workspace = coze_workspace.desk.id
  user_id   = each.key
  role      = each.value
}
